"""Where things are and what the environment says; read once per process, never written."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from privacy_governance.errors import SettingsError

CHECKOUT = Path(__file__).resolve().parents[2]


class Settings(BaseSettings):
    """Settings of one process, from environment variables."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    warehouse_url: SecretStr | None = Field(default=None, alias="WAREHOUSE_URL")
    govern_key: SecretStr | None = Field(default=None, alias="GOVERN_KEY")
    research_salt: SecretStr | None = Field(default=None, alias="GOVERN_RESEARCH_SALT")
    token_period_months: int = Field(default=3, ge=1, le=12, alias="GOVERN_TOKEN_PERIOD_MONTHS")
    project_dir: Path = Field(default=CHECKOUT, alias="GOVERN_PROJECT_DIR")
    state_dir: Path | None = Field(default=None, alias="GOVERN_STATE_DIR")

    @property
    def state(self) -> Path:
        """Folder for everything a run leaves outside git: embedded warehouse, key, logs, reports."""
        return self.state_dir or self.project_dir / ".govern"

    @property
    def dbt_project(self) -> Path:
        """The dbt project's folder."""
        return self.project_dir / "dbt_project"

    @property
    def expectations(self) -> Path:
        """The Great Expectations file context's folder."""
        return self.project_dir / "expectations"

    @property
    def dags(self) -> Path:
        """Airflow's DAG folder."""
        return self.project_dir / "dags"

    @property
    def embedded_data(self) -> Path:
        """Data directory of the embedded PostgreSQL."""
        return self.state / "warehouse"

    @property
    def nights(self) -> Path:
        """One folder a night: progress, logs, report."""
        return self.state / "nights"

    def progress_of(self, night: str) -> Path:
        """File of what the steps of a night's latest run said; `night` is its date."""
        return self.nights / night / "progress.jsonl"


@cache
def settings() -> Settings:
    """Return this process's settings.

    Raises:
        SettingsError: when an environment variable has an unusable value.

    """
    try:
        return Settings()
    except ValidationError as error:
        names = ", ".join(sorted({str(e["loc"][0]) for e in error.errors()}))
        raise SettingsError(f"unusable value in the environment: {names}. Correct it or unset it.") from None
