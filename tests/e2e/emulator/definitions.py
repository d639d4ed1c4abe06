"""Task definitions as AWS keeps them: numbers are numbers, what was not said is not there."""

from typing import Any

from ministack.services import ecs

from .patches import patch, silent, speaks

PROVISIONERS = "ministack.services.cloudformation.provisioners"
ECS = "ministack.services.ecs"
NUMBERS = ("cpu", "memory", "memoryReservation", "startTimeout", "stopTimeout")
NUMBERS_OF_PORTS = ("containerPort", "hostPort")


@patch(
    of=f"{PROVISIONERS}._normalize_container_defs",
    lacks="keeps a container's numbers as text where a template's parameter gives them",
    still=silent(f"{PROVISIONERS}._normalize_container_defs", "int("),
)
def keep_numbers(original: Any) -> Any:
    """Memory, CPU units and ports are whole numbers, whatever a template wrote."""

    def normalize(told: Any) -> Any:
        containers = original(told)
        for container in containers:
            _to_numbers(container, NUMBERS)
            for mapping in container.get("portMappings") or ():
                _to_numbers(mapping, NUMBERS_OF_PORTS)
        return containers

    return normalize


def _to_numbers(response: dict[str, Any], names: tuple[str, ...]) -> None:
    response.update({name: int(response[name]) for name in names if response.get(name) not in (None, "")})


@patch(
    of=f"{ECS}._ACTION_MAP",
    at=("DescribeTaskDefinition",),
    lacks="tells empty texts and nulls for what a task definition does not say",
    still=speaks(f"{ECS}._register_task_definition", 'data.get("pidMode", "")'),
)
def tell_what_is_there(original: Any) -> Any:
    """As AWS does, so that a copy of it can be registered."""

    def describe(data: dict[str, Any]) -> Any:
        definition = ecs._task_defs.get(ecs._resolve_td_key(data.get("taskDefinition", "")))
        for name in [n for n, value in (definition or {}).items() if value in (None, "")]:
            del definition[name]
        return original(data)

    return describe
