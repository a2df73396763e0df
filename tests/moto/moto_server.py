"""Moto's server on a free port of the loopback interface, mended where the guard and the JavaScript SDK need it.

One argument: by how much time is compressed. A message's delay of sixty seconds is one second at 60.

Prints one line of JSON, {"port": …}, and serves until its standard input ends: so it never outlives the tests.

Mended, each as AWS documents it and no more:
- dates are ISO 8601 texts (moto sends numbers, which the SDK refuses for this service)
- an agent's id has ten characters, and what is edited is the version DRAFT, which is not prepared yet
- UpdateAgent, CreateAgentAlias, ListAgentVersions and GetAgentVersion, which moto lacks
- a key that is made without a usage is for encrypting and decrypting (moto leaves it without any)
- an event that a rule hands on says from which account it is

https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html
https://docs.aws.amazon.com/bedrock/latest/APIReference/API_Operations_Agents_for_Amazon_Bedrock.html
https://docs.aws.amazon.com/eventbridge/latest/ref/events-structure.html
"""

import json
import logging
import string
import sys
from datetime import datetime, timezone

from moto.bedrockagent.exceptions import ResourceNotFoundException
from moto.bedrockagent.models import Agent
from moto.bedrockagent.responses import AgentsforBedrockResponse
from moto.core.utils import unix_time, unix_time_millis
from moto.events.utils import EventTemplateParser
from moto.kms.models import Key
from moto.moto_api._internal import mock_random
from moto.server import ThreadedMotoServer
from moto.sqs.models import Message

ID_CHARACTERS = string.ascii_uppercase + string.digits

# The members of UpdateAgent's request, and where moto keeps them. What a request leaves out is dropped.
SETTINGS = {
    "agentName": "agent_name",
    "agentResourceRoleArn": "agent_resource_role_arn",
    "customerEncryptionKeyArn": "customer_encryption_key_arn",
    "description": "description",
    "foundationModel": "foundation_model",
    "idleSessionTTLInSeconds": "idle_session_ttl_in_seconds",
    "instruction": "instruction",
    "promptOverrideConfiguration": "prompt_override_configuration",
}


def new_id() -> str:
    return "".join(mock_random.choice(ID_CHARACTERS) for _ in range(10))


def with_dates(answer: dict) -> dict:
    return {
        name: datetime.fromtimestamp(value, timezone.utc).isoformat().replace("+00:00", "Z")
        if name.endswith("At") and isinstance(value, (int, float))
        else value
        for name, value in answer.items()
    }


def mend_agents() -> None:
    make, to_dict, summarise = Agent.__init__, Agent.to_dict, Agent.dict_summary

    def init(self, *args, **kwargs):
        make(self, *args, **kwargs)
        self.agent_id = new_id()
        self.agent_arn = f"{self.agent_arn.rsplit('/', 1)[0]}/{self.agent_id}"
        self.agent_version = "DRAFT"
        self.agent_status = "NOT_PREPARED"
        self.numbered_versions = {}

    Agent.__init__ = init
    Agent.to_dict = lambda self: with_dates(to_dict(self))
    Agent.dict_summary = lambda self: with_dates(summarise(self))


class MissingOperations:
    """Moto finds the method of an operation by its name, and the operation by botocore's model of the service."""

    def update_agent(self):
        agent, _ = self.addressed()
        asked = json.loads(self.body)
        for member, attribute in SETTINGS.items():
            setattr(agent, attribute, asked.get(member))
        agent.updated_at = unix_time()
        agent.agent_status = "NOT_PREPARED"
        return 202, {}, json.dumps({"agent": agent.to_dict()})

    def create_agent_alias(self):
        agent, _ = self.addressed()
        asked = json.loads(self.body)
        routes = asked.get("routingConfiguration")
        if not routes:
            routes = [{"agentVersion": self.number_a_version(agent)}]
        now = unix_time()
        alias_id = new_id()
        alias = {
            "agentAliasArn": agent.agent_arn.replace(":agent/", ":agent-alias/") + f"/{alias_id}",
            "agentAliasId": alias_id,
            "agentAliasName": asked["agentAliasName"],
            "agentAliasStatus": "CREATING",
            "agentId": agent.agent_id,
            "routingConfiguration": routes,
            "createdAt": now,
            "updatedAt": now,
        }
        return 202, {}, json.dumps({"agentAlias": with_dates(alias)})

    def number_a_version(self, agent) -> str:
        """Without a route, Bedrock makes a version of the draft as it now is."""
        number = str(len(agent.numbered_versions) + 1)
        draft = agent.to_dict()
        agent.numbered_versions[number] = with_dates(
            {
                **{name: value for name, value in draft.items() if name not in ("agentVersion", "preparedAt", "clientToken")},
                "version": number,
                "agentStatus": "PREPARED",
                "idleSessionTTLInSeconds": draft.get("idleSessionTTLInSeconds", 600),
                "createdAt": unix_time(),
                "updatedAt": unix_time(),
            }
        )
        return number

    def list_agent_versions(self):
        agent, _ = self.addressed()
        draft = agent.to_dict()
        versions = {"DRAFT": draft, **agent.numbered_versions}
        summaries = [
            {
                **{name: version[name] for name in ("agentName", "agentStatus", "createdAt", "updatedAt")},
                "agentVersion": number,
            }
            for number, version in versions.items()
        ]
        return json.dumps({"agentVersionSummaries": summaries})

    def get_agent_version(self):
        agent, number = self.addressed()
        if number not in agent.numbered_versions:
            raise ResourceNotFoundException(f"Version {number} of agent {agent.agent_id} not found")
        return json.dumps({"agentVersion": agent.numbered_versions[number]})

    def addressed(self):
        """The agent of /agents/{agentId}/… and what the path ends with."""
        parts = self.path.strip("/").split("/")
        return self.bedrockagent_backend.get_agent(parts[1]), parts[-1]


def mend_operations() -> None:
    for name, member in vars(MissingOperations).items():
        if name.startswith("__"):
            continue
        if hasattr(AgentsforBedrockResponse, name):
            raise SystemExit(f"moto has `{name}` of its own now; take it out of {__file__}")
        setattr(AgentsforBedrockResponse, name, member)


def mend_keys() -> None:
    make = Key.__init__

    def init(self, *args, **kwargs):
        make(self, *args, **kwargs)
        self.key_usage = self.key_usage or "ENCRYPT_DECRYPT"

    Key.__init__ = init


def mend_events() -> None:
    template = EventTemplateParser.DEFAULT_EVENT_INPUT_TEMPLATE
    if '"account"' not in template:
        EventTemplateParser.DEFAULT_EVENT_INPUT_TEMPLATE = '{"account": "<account>", ' + template.removeprefix("{")


def mend_delays(scale: float) -> None:
    def delay(self, delay_seconds):
        self.delayed_until = unix_time_millis() + int(delay_seconds) * 1000 / scale

    Message.delay = delay


def main() -> None:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    mend_agents()
    mend_operations()
    mend_keys()
    mend_events()
    mend_delays(float(sys.argv[1]))
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    print(json.dumps({"port": port}), flush=True)
    sys.stdin.read()
    server.stop()


if __name__ == "__main__":
    main()
