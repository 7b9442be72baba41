"""Settings: flags over environment over file; every wrong value named with its place and its mend."""

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from qatui.config import Settings, load_settings
from qatui.domain.metrics import Mapping
from qatui.errors import ConfigError, Exit


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "config.toml"
    path.write_text('theme = "light"\ntimezone = "Europe/Berlin"\n[keys]\n"app.quit" = "x"\n')
    return path


def test_flags_over_environment_over_file(file):
    environ = {"QATUI_THEME": "contrast", "QATUI_DB": "/env.db"}
    settings = load_settings({"db": "/flag.db", "theme": None}, file=file, environ=environ)
    assert settings.db == "/flag.db"
    assert settings.theme == "contrast"
    assert settings.zone == ZoneInfo("Europe/Berlin")
    assert settings.keys == {"app.quit": "x"}


def test_defaults_without_anything(tmp_path):
    assert load_settings(environ={"QATUI_CONFIG": str(empty(tmp_path))}) == Settings()


def empty(tmp_path):
    path = tmp_path / "empty.toml"
    path.touch()
    return path


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('theme = "pink"', "theme = 'pink' is not possible"),
        ("period = 90", "period"),
        ('colour = "red"', "colour"),
        ('timezone = "Mars/Olympus"', "Mars/Olympus"),
        ('overall = "half"', "overall"),
        ("theme = ", "is not TOML"),
    ],
)
def test_a_wrong_value_is_named(tmp_path, content, words):
    path = tmp_path / "c.toml"
    path.write_text(content)
    with pytest.raises(ConfigError, match=words) as caught:
        load_settings(file=path, environ={})
    assert caught.value.exit_code is Exit.USAGE


def test_a_wrong_variable_is_named(tmp_path):
    with pytest.raises(ConfigError, match="environment"):
        load_settings(environ={"QATUI_CONFIG": str(empty(tmp_path)), "QATUI_OVERALL": "half"})


def test_a_named_file_must_exist(tmp_path):
    with pytest.raises(ConfigError, match="no configuration file"):
        load_settings(file=tmp_path / "absent.toml", environ={})


@pytest.mark.parametrize(
    ("db", "path"),
    [
        ("/x/y.db", "/x/y.db"),
        ("sqlite:////x/y.db", "/x/y.db"),
        ("sqlite+aiosqlite:///y.db", "y.db"),
    ],
)
def test_the_database_is_a_path_or_a_url(db, path):
    assert Settings(db=db).database == Path(path)


def test_another_kind_of_database_is_refused():
    with pytest.raises(ConfigError, match="sqlite"):
        _ = Settings(db="mysql://host/x").database


def test_the_overall_mapping_is_a_setting(tmp_path):
    environ = {"QATUI_CONFIG": str(empty(tmp_path)), "QATUI_OVERALL": "from-one"}
    assert load_settings(environ=environ).overall is Mapping.FROM_ONE
