"""Background tasks. What is expected of Celery is what `app.tasks` had with Celery 5.7 installed."""

from __future__ import annotations

from djfa_lint.project import celery
from tests.project.linking import linked_of

FILES = {
    "proj/__init__.py": "from .app import app as celery_app",
    "proj/app.py": """
        from celery import Celery

        app = Celery[object]("proj")
        """,
    "proj/factory.py": """
        from celery import Celery

        def make_celery(name: str) -> Celery:
            made = Celery(name)
            return made

        other = make_celery("other")
        """,
    "proj/tasks.py": """
        from celery import Task, shared_task
        from celery import shared_task as task
        from . import celery_app
        from .app import app
        from .factory import other
        from .wrap import retried

        @shared_task
        def plain(): ...

        @shared_task(name="named.one", bind=True)
        def named(self): ...

        @app.task
        def on_app(): ...

        @celery_app.task(queue="web")
        def on_reexported(): ...

        @other.task(name="on.other")
        async def on_other(): ...

        @task()
        def renamed(): ...

        @retried("x")
        def wrapped(): ...

        class Base(Task):
            abstract = True

        class Sending(Base):
            name = "send.it"

            def run(self, to): ...

        class Unnamed(Sending):
            name = None

        app.register_task(Sending())
        app.register_task(Unnamed())

        @app.on_after_configure.connect
        def no_task(sender, **kwargs): ...

        @celery_app.signal
        def nor_this(): ...
        """,
    "proj/wrap.py": """
        from celery import shared_task

        def retried(name, **options):
            return shared_task(max_retries=3, **options)
        """,
}


def tasks(files: dict[str, str]) -> list[tuple[str, str]]:
    return [(one.function.name, one.name) for one in celery.tasks(linked_of(files))]


def test_celery_tasks() -> None:
    assert tasks(FILES) == [
        ("proj.tasks.Sending.run", "proj.tasks.Unnamed"),
        ("proj.tasks.Sending.run", "send.it"),
        ("proj.tasks.named", "named.one"),
        ("proj.tasks.on_app", "proj.tasks.on_app"),
        ("proj.tasks.on_other", "on.other"),
        ("proj.tasks.on_reexported", "proj.tasks.on_reexported"),
        ("proj.tasks.plain", "proj.tasks.plain"),
        ("proj.tasks.renamed", "proj.tasks.renamed"),
        ("proj.tasks.wrapped", "proj.tasks.wrapped"),
    ]


def test_a_task_tells_where_it_is() -> None:
    found = {one.name: one for one in celery.tasks(linked_of(FILES))}
    assert (found["proj.tasks.plain"].path, found["proj.tasks.plain"].line) == ("proj/tasks.py", 10)
    assert (found["send.it"].path, found["send.it"].line) == ("proj/tasks.py", 33)


def test_tasks_of_other_libraries() -> None:
    files = {
        "jobs.py": """
            import dramatiq
            from django_rq import job
            from huey import RedisHuey
            from huey.contrib.djhuey import db_task
            from rq.decorators import job as rq_job

            huey = RedisHuey("x")

            @dramatiq.actor(actor_name="by_name")
            def acted(): ...

            @job("default", timeout=3)
            def rq_django(): ...

            @rq_job("low")
            def rq_plain(): ...

            @huey.periodic_task(lambda: True)
            def periodic(): ...

            @db_task()
            def in_db(): ...
            """,
    }
    assert tasks(files) == [
        ("jobs.acted", "by_name"),
        ("jobs.in_db", "jobs.in_db"),
        ("jobs.periodic", "jobs.periodic"),
        ("jobs.rq_django", "jobs.rq_django"),
        ("jobs.rq_plain", "jobs.rq_plain"),
    ]


def test_a_decorator_of_the_same_name_makes_no_task() -> None:
    files = {
        "jobs.py": """
            from prefect import task
            from .own import app, shared_task

            @task
            def flow(): ...

            @app.task
            def mine(): ...

            @shared_task
            def own(): ...
            """,
        "own.py": """
            class App:
                def task(self, function): return function

            app = App()

            def shared_task(function): return function
            """,
    }
    assert tasks(files) == []


def test_tasks_do_not_depend_on_the_order_of_files() -> None:
    once = celery.tasks(linked_of(FILES))
    assert all(celery.tasks(linked_of(FILES, shuffled=seed)) == once for seed in range(5))
