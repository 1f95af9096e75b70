"""Who may open the pages of imports. The import is one of 鼓楼, compared and not applied."""

from collections.abc import Mapping
from typing import Any

from institutions.register import comparing, staging
from institutions.register.lines import Lists, Reader
from institutions.register.models import RegisterImport
from tests.access_matrix import ABOVE, BUREAUS, Row, only
from tests.factories.institutions import Province

OUTSIDE = {"sibling": 404, "other_prefecture": 404}
COLUMNS = {"name": 0, "uscc": 1, "bureau": 2, "number": 3, "issued": 4, "expires": 5}


def compared_import(world: Province) -> RegisterImport:
    """A line read without a file."""
    imported = RegisterImport.objects.create(
        by=world.gulou_reviewer, bureau=world.gulou, name="名录.xlsx", sha256="0" * 64, size=1, columns=COLUMNS,
        state=RegisterImport.State.COMPARED,
        reading={"headings": list(COLUMNS), "preview": [], "heading_row": 1, "data_row": 2, "width": 6, "format": "csv"},
    )  # fmt: skip
    rows = [
        [world.a.name, world.a.uscc, "鼓楼区", "221300000001", "2022-03-01", "2028-02-29"],
        [world.b.name, world.b.uscc[:-1], "鼓楼区", "221300000002", "2022-03-01", "2028-02-29"],
    ]
    staging.copy(Reader(COLUMNS, Lists({}), imported.pk).feed(range(2, 4), rows, {}))
    imported.counts = comparing.compare(imported)
    imported.save()
    return imported


def _args(world: Province) -> Mapping[str, Any]:
    return {"public_id": compared_import(world).public_id}


ROWS = {
    "institutions:institution-act": Row(
        args=lambda world: {"public_id": world.a.public_id, "act": "rename"},
        get=only(*ABOVE) | OUTSIDE,
        post=only(*ABOVE) | OUTSIDE,
        data=lambda world: {"name": "福建甲检测集团有限公司"},
    ),
    "institutions:register-list": Row(args=lambda world: {"which": "unregistered"}, get=only(*BUREAUS)),
    "institutions:register-list-workbook": Row(args=lambda world: {"which": "unused"}, get=only(*BUREAUS)),
    "institutions:import-list": Row(get=only(*BUREAUS), post=only(*BUREAUS, ok=422)),
    "institutions:import-example": Row(get=only(*BUREAUS)),
    "institutions:import-detail": Row(args=_args, get=only(*ABOVE) | OUTSIDE),
    "institutions:import-columns": Row(
        args=_args,
        post=only("county", ok=302) | {"prefecture": 403, "province": 403} | OUTSIDE,
        data=lambda world: {f"column-{index}": field for field, index in COLUMNS.items()},
    ),
    "institutions:import-apply": Row(
        args=_args, post=only("county", ok=302) | {"prefecture": 403, "province": 403} | OUTSIDE
    ),
    "institutions:import-discard": Row(
        args=_args, post=only("county", ok=302) | {"prefecture": 403, "province": 403} | OUTSIDE
    ),
    # The file is there only after the background work, so that even who may have it finds none.
    "institutions:import-marked": Row(args=_args, get=only(*ABOVE, ok=404) | OUTSIDE),
}
