"""What the settings mean for the parts: which work is timed, and how reports are made."""

import os

from simd.config import Settings
from simd.schedule import Daily, Every, Job, Weekly
from simd.service import Service
from simd.work.report.reports import DeliveryPlan, ReportPlan
from simd.work.sparing import SparingRules

REPORTS_FOLDER = "reports"
REPORT_JOB = "report"
ALL_PERCENT = 100


def timed_jobs(settings: Settings, service: Service) -> list[Job]:
    """What the clock asks of the service."""
    watch, schedule = settings.watch, settings.schedule
    jobs = [
        Job("sweep", Every(watch.sweep_every, jitter=0.25), service.sweep_timed),
        Job("sweep-unwatched", Every(watch.sweep_network_every, jitter=0.25), service.sweep_unwatched),
        Job("backup", Daily(schedule.backup_at), service.back_up),
        Job("forget", Daily(schedule.backup_at), service.forget),
        Job("crowds", Daily(schedule.backup_at), service.rematch_crowds),
    ]
    if schedule.integrity == "weekly":
        jobs.append(Job("integrity", Weekly(6, schedule.integrity_at), service.check_catalogue))
    elif schedule.integrity == "daily":
        jobs.append(Job("integrity", Daily(schedule.integrity_at), service.check_catalogue))
    if settings.report.at is not None:
        jobs.append(Job(REPORT_JOB, Daily(settings.report.at), service.report_nightly))
    return jobs


def report_plan(settings: Settings) -> ReportPlan:
    """How the settings want reports to be made, kept and delivered."""
    report, notify = settings.report, settings.notify
    return ReportPlan(
        state_dir=settings.state_dir,
        folder=report.folder or settings.state_dir / REPORTS_FOLDER,
        preset=settings.match.preset,
        keep_nightly=report.keep_nightly,
        keep_monthly=report.keep_monthly,
        groups_shown=report.groups_shown,
        delivery=DeliveryPlan(targets=notify.targets, only_when_new_bytes=notify.only_when_new)
        if notify.targets
        else None,
    )


def workers_wanted(settings: Settings) -> int:
    """How many processes decode."""
    return settings.imaging.workers or os.cpu_count() or 1


def cores_allowed(settings: Settings) -> float | None:
    """How many processors the workers may use on average; None when they may use all."""
    percent = settings.imaging.max_cpu_percent
    return None if percent == ALL_PERCENT else (os.cpu_count() or 1) * percent / ALL_PERCENT


def sparing_rules(settings: Settings) -> SparingRules:
    """When the settings want the machine to be left alone."""
    schedule = settings.schedule
    return SparingRules(quiet_hours=schedule.quiet_hours, on_battery=schedule.pause_on_battery)
