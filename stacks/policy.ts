type Texts = $util.Input<string> | readonly $util.Input<string>[];

/** One statement of an IAM or resource policy, spelt as AWS does. */
export interface Statement {
  readonly Sid: string;
  readonly Effect: "Allow" | "Deny";
  readonly Principal?: { readonly Service: string } | { readonly AWS: string };
  readonly Action: string | readonly string[];
  readonly Resource: Texts;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, Texts>>>>;
}

/** The policy document as JSON, once every ARN in it is known. */
export function policy(statements: readonly Statement[]): $util.Output<string> {
  return $util.jsonStringify({ Version: "2012-10-17", Statement: statements });
}

/** The policy that lets one AWS service, acting for this account, take on a role. */
export function trustOf(service: string, condition?: Statement["Condition"]): string {
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: service },
        Action: "sts:AssumeRole",
        ...(condition ? { Condition: condition } : {}),
      },
    ],
  });
}
