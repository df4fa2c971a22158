"""Run DAGs one after the other in one Airflow process: what `airflow dags test` does, with one start-up for all.

`python governance_nights.py NIGHT DAG [DAG ...]`; ends at the first that fails, with Airflow's exit code.
"""

from __future__ import annotations

import json
import sys

from airflow.__main__ import main


def run(night: str, *dags: str) -> None:
    """Run each DAG for the night (YYYY-MM-DD) and leave the process at the first failure."""
    for dag in dags:
        sys.argv = ["airflow", "dags", "test", dag, night, "--conf", json.dumps({"night": night})]
        main()


if __name__ == "__main__":
    run(*sys.argv[1:])
