/** Moto, an emulator of AWS that is not ours: a process of Python's, on the loopback interface. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export interface Moto {
  readonly endpoint: string;
  stop(): Promise<void>;
}

const SERVER = fileURLToPath(new URL("./moto_server.py", import.meta.url));
const START_MILLISECONDS = 60_000;

/** Whether this machine's Python can serve moto: its package with the extra `server`. */
export function pythonHasMoto(): boolean {
  return spawnSync("python3", ["-c", "import moto.server"], { stdio: "ignore" }).status === 0;
}

/**
 * @param timeScale - how many seconds of a message's delay pass in a real one
 * @throws when the server does not come up, with what Python said.
 */
export async function startMoto(account: string, timeScale: number): Promise<Moto> {
  const child = spawn("python3", [SERVER, String(timeScale)], {
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...process.env, MOTO_ACCOUNT_ID: account, NO_PROXY: "127.0.0.1", no_proxy: "127.0.0.1" },
  });
  let said = "";
  child.stderr.on("data", (chunk) => {
    said = `${said}${chunk}`.slice(-4_000);
  });
  const closed = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(String(error)));
    child.once("close", (code) => resolve(`it ended with code ${code}`));
  });
  const timer = setTimeout(() => child.kill("SIGKILL"), START_MILLISECONDS);
  const first = new Promise<string>((resolve) => createInterface({ input: child.stdout }).once("line", resolve));
  const line = await Promise.race([first, closed.then((how) => Promise.reject(new Error(`${how}: ${said}`)))]).catch(
    (cause: unknown) => {
      throw new Error(`moto's server does not start; try \`python3 ${SERVER}\``, { cause });
    },
  );
  clearTimeout(timer);
  const { port } = JSON.parse(line) as { port: number };
  return { endpoint: `http://127.0.0.1:${port}`, stop: () => stop(child, closed) };
}

async function stop(child: ChildProcess, closed: Promise<string>): Promise<void> {
  // The end of its input stops the server also where `python3` is a wrapper that the signal ends alone.
  child.stdin?.end();
  child.kill("SIGKILL");
  await closed;
}
