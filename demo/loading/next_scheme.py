"""What the province changes for the next year: the draft that the pages of schemes show in the demonstration."""

from __future__ import annotations

import copy
import re
from typing import Any

from demo.loading.ground import PROVINCE
from institutions.models import Membership
from institutions.roles import Role
from reports.schemes.loading import load_content
from reports.schemes.models import Scheme
from reports.versions.actions import copy_version

#: The indicator of electronic reports gets a wider meaning and a code of its own.
OLD, NEW = "W312", "W316"


def draft_next_year(scheme: Scheme) -> Scheme:
    """The draft as the statistician left it: copied from the published version, then changed."""
    statistician = Membership.objects.select_related("user", "bureau").get(
        role=Role.STATISTICIAN, bureau__code=PROVINCE, user__is_demo=True
    )
    content = next_year(scheme.content)
    head = {name: content["scheme"][name] for name in ("code", "year", "title_zh", "title_en")}
    copy_version(source=scheme, by=statistician, **head)
    return load_content(content, publish=False)


def next_year(content: dict[str, Any]) -> dict[str, Any]:
    """jc2024 from jc2023: one indicator renamed, one gone, one new, a new option, a new check, a wider tolerance."""
    made = copy.deepcopy(content)
    head = made["scheme"]
    head |= {"code": "jc2024", "version": 1, "year": int(head["year"]) + 1}
    for column in ("title_zh", "title_en"):
        head[column] = head[column].replace(str(content["scheme"]["year"]), str(head["year"]))
    for sheet in ("indicators", "checks"):
        made[sheet] = [{key: re.sub(rf"\b{OLD}\b", NEW, value) for key, value in row.items()} for row in made[sheet]]
    made["renames"] = [{"old": OLD, "new": NEW}]
    _indicators(made["indicators"])
    made["options"].insert(
        next(at for at, row in enumerate(made["options"], start=1) if (row["list"], row["code"]) == ("A212", "3")),
        {
            "list": "A212",
            "code": "4",
            "label_zh": "制造业单项冠军企业",
            "label_en": "Single-product champion of manufacturing",
            "maps": "",
            "source": "sample",
        },
    )
    _checks(made["checks"])
    return made


def _indicators(rows: list[dict[str, str]]) -> None:
    by_code = {row["code"]: row for row in rows}
    by_code[NEW] |= {
        "definition_zh": "以电子文件签发的报告，含电子证书",
        "definition_en": "Issued as electronic files, electronic certificates included.",
    }
    by_code["A305"]["definition_zh"] += "；季末人数的平均数"
    gone = by_code["W602"]
    at = rows.index(gone)
    rows[at] = {
        **gone,
        "code": "W603",
        "name_zh": "是否使用人工智能辅助审核报告",
        "name_en": "Uses artificial intelligence to check reports",
        "definition_zh": "期末在用",
        "definition_en": "In use at year end.",
        "source": "sample",
    }


def _checks(rows: list[dict[str, str]]) -> None:
    growth = next(row for row in rows if row["code"] == "K100")
    growth["expression"] = growth["expression"].replace("<= 0.5", "<= 0.3")
    for column in ("message_zh", "message_en", "help_zh", "help_en"):
        growth[column] = growth[column].replace("50%", "30%").replace("more than half", "more than 30%")
    rows.append(
        {
            **dict.fromkeys(growth, ""),
            "code": "K130",
            "severity": "verify",
            "table": "JC05",
            "when": "W504 > 0",
            "expression": "W501 >= 1",
            "cells": "W501 W504",
            "message_zh": "科研经费（W504）为{W504}，但参与科研项目数（W501）为{W501}。请核对；确无项目的请说明经费用途。",
            "message_en": "Research funds (W504) are {W504}, but research projects (W501) are {W501}. Check both; if "
            "there was no project, explain what the funds were for.",
            "help_zh": "有科研经费的机构一般有科研项目。",
            "help_en": "Who has research funds usually has a research project.",
            "example": "W504=120, W501=0",
            "source": "sample",
        }
    )
