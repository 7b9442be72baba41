"""Settings from flags, the environment (QATUI_*) and a TOML file, in this order of precedence."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping as MappingType
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from qatui.config_llm import LlmSettings, llm_settings
from qatui.config_llm import environment as llm_environment
from qatui.domain.metrics import Mapping
from qatui.errors import ConfigError

if TYPE_CHECKING:  # loaded where they are used: this module is on the way to the first frame
    from zoneinfo import ZoneInfo

ENVIRONMENT_PREFIX = "QATUI_"
THEMES = ("dark", "light", "ansi", "contrast")
PERIODS = ("7d", "30d", "90d", "365d", "all")
VECTORS = ("wordllama", "minilm", "endpoint")


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that can be set. A field `x` is the environment's QATUI_X and the file's `x`."""

    db: str = ""
    """Path or sqlite URL of the workspace; empty: `workspace.db` in the user's data directory."""

    timezone: str = ""
    """IANA name of the zone in which weeks and times are shown; empty: the machine's zone."""

    theme: str = "dark"
    """Colours of the application: dark, light, ansi (the terminal's own 16) or contrast."""

    period: str = "90d"
    """What the application shows first: 7d, 30d, 90d, 365d or all (`all` too where the period is empty)."""

    overall: Mapping = Mapping.OF_FIVE
    """How the overall score is computed: of-five (mean ÷ 5) or from-one ((mean − 1) ÷ 4)."""

    agent_channels: str = ""
    """Channels to which the customer agent is assigned, separated by commas; empty: where it ever responded."""

    vectors: str = "wordllama"
    """What tells questions with the same need: wordllama, minilm (with the extra) or endpoint (that of [llm])."""

    vectors_model: str = ""
    """With vectors = "endpoint": the model for embeddings, as the endpoint knows it."""

    keys: dict[str, str] = {}
    """Keys by action id, as in `qatui keys`; several separated by commas."""

    llm: LlmSettings = LlmSettings()
    """The endpoint of the llm judge: the table [llm] of the file, QATUI_LLM_… in the environment."""

    @property
    def database(self) -> Path:
        """The file of the workspace."""
        if not self.db:
            return data_directory() / "workspace.db"
        path = re.sub(r"^sqlite(\+aiosqlite)?:///", "", self.db)
        if "://" in path:
            raise ConfigError(
                f"db = {self.db!r} is not a file or a sqlite:/// URL.", hint="Give a path, or sqlite:////absolute/path."
            )
        return Path(path).expanduser()

    @property
    def assigned_channels(self) -> frozenset[str] | None:
        """The channels of `agent_channels`; None where it is empty."""
        return frozenset(name.strip() for name in self.agent_channels.split(",") if name.strip()) or None

    @property
    def zone(self) -> ZoneInfo:
        """The workspace's time zone."""
        from zoneinfo import ZoneInfo

        name = self.timezone or _machine_zone()
        try:
            return ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            raise ConfigError(
                f"timezone = {name!r} is not a time zone known here.", hint="Use an IANA name such as Europe/Berlin."
            ) from None


def load_settings(
    flags: MappingType[str, Any] | None = None,
    *,
    file: Path | None = None,
    environ: MappingType[str, str] | None = None,
) -> Settings:
    """Settings of this run; flags that are None are not set.

    Raises ConfigError naming the place (flag, variable or file), the field and the mend.
    """
    environ = os.environ if environ is None else environ
    values: dict[str, Any] = {}
    llm: dict[str, Any] = {}
    path = file or Path(environ.get(ENVIRONMENT_PREFIX + "CONFIG") or default_file())
    if path.exists():
        table = _read_toml(path)
        values.update(_checked(table, f"{path}"))
        llm.update(table.get("llm", {}))
    elif file is not None or ENVIRONMENT_PREFIX + "CONFIG" in environ:
        raise ConfigError(f"There is no configuration file {path}.", hint="Create it, or leave --config away.")
    variables = {
        name: environ[ENVIRONMENT_PREFIX + name.upper()]
        for name in Settings.__struct_fields__
        if name not in ("keys", "llm") and environ.get(ENVIRONMENT_PREFIX + name.upper())
    }
    values.update(_checked(variables, "the environment (QATUI_…)"))
    values.update(_checked({name: value for name, value in (flags or {}).items() if value is not None}, "the command"))
    values["llm"] = llm_settings({**llm, **llm_environment(environ)}, "the environment (QATUI_LLM_…)")
    settings = Settings(**values)
    _ = settings.zone
    return settings


def _checked(values: dict[str, Any], where: str) -> dict[str, Any]:
    if isinstance(values.get("llm"), dict):
        values = {**values, "llm": llm_settings(values["llm"], f"{where}, [llm]")}  # knows that no key may stand there
    try:
        settings = msgspec.convert(values, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise ConfigError(
            f"In {where}: {error}.", hint="`qatui doctor` lists every setting with its meaning and value."
        ) from None
    for name, allowed in (("theme", THEMES), ("period", PERIODS), ("vectors", VECTORS)):
        if getattr(settings, name) not in allowed:
            raise ConfigError(
                f"In {where}: {name} = {getattr(settings, name)!r} is not possible.", hint=f"Use {', '.join(allowed)}."
            )
    return {name: getattr(settings, name) for name in values}


def _read_toml(path: Path) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not TOML: {error}.") from None


def default_file() -> Path:
    """Where the configuration file is looked for."""
    from platformdirs import user_config_path  # imported late: only runs without --config need it

    return user_config_path("qatui") / "config.toml"


def data_directory() -> Path:
    """Where workspaces are kept unless a path is given."""
    from platformdirs import user_data_path

    return user_data_path("qatui")


def _machine_zone() -> str:
    """The IANA name of the machine's zone, or UTC where it does not say."""
    name = os.environ.get("TZ", "").lstrip(":")
    if not name:
        target = os.path.realpath("/etc/localtime")
        name = target.partition("zoneinfo/")[2]
    return name or "UTC"
