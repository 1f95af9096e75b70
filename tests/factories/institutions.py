"""People and places. One function per model, no hidden rows; `build_province` makes a small true tree."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import count
from typing import Any

from stdnum.cn import uscc as stdnum_uscc

from institutions.bureaus import create_bureau
from institutions.grants import authorise
from institutions.models import Bureau, Certificate, Institution, Membership, Site, Tier, User
from institutions.roles import Role

#: Argon2 takes its time; accounts of tests share one password, hashed once.
PASSWORD = "Banyan-tree-7531"

_serial = count(1)
_hash: list[str] = []


def a_uscc(number: int | None = None) -> str:
    """A valid unified social credit code of Fuzhou, another for each call or the one of `number`."""
    body = f"91350100{next(_serial) if number is None else number:09d}"
    return body + stdnum_uscc.calc_check_digit(body)


def a_user(username: str | None = None, **fields: Any) -> User:
    """An account whose password is PASSWORD."""
    name = username or f"user{next(_serial)}"
    user = User(username=name, **{"name": name, **fields})
    if not _hash:
        user.set_password(PASSWORD)
        _hash.append(user.password)
    user.password = _hash[0]
    user.save()
    return user


def a_bureau(name_zh: str, tier: str, parent: Bureau | None = None, **fields: Any) -> Bureau:
    fields = {"code": f"B{next(_serial):06d}", "name_en": name_zh, **fields}
    return create_bureau(name_zh=name_zh, tier=tier, parent=parent, by=None, **fields)


def an_institution(home_bureau: Bureau, name: str | None = None, **fields: Any) -> Institution:
    number = next(_serial)
    fields = {"uscc": a_uscc(number), "region_code": home_bureau.region_code or "350102", **fields}
    return Institution.objects.create(home_bureau=home_bureau, name=name or f"检测机构{number}", **fields)


def a_membership(role: str, place: Bureau | Institution, user: User | None = None, **fields: Any) -> Membership:
    at = {"bureau": place} if isinstance(place, Bureau) else {"institution": place}
    return Membership.objects.create(user=user or a_user(), role=role, **at, **fields)


def a_certificate(institution: Institution, **fields: Any) -> Certificate:
    number = next(_serial)
    return Certificate.objects.create(
        institution=institution,
        **{
            "kind": "CMA-P",
            "number": f"2213{number:08d}",
            "name_on_certificate": institution.name,
            "issuer": "福建省市场监督管理局",
            "issued_on": dt.date(2022, 3, 1),
            "expires_on": dt.date(2028, 2, 29),
            **fields,
        },
    )


def a_site(institution: Institution, **fields: Any) -> Site:
    number = institution.sites.count() + 1
    return Site.objects.create(
        institution=institution,
        **{
            "number": number,
            "name": f"场所{number}",
            "region_code": institution.region_code,
            "address": f"测试路{number}号",
            "is_main": number == 1,
            **fields,
        },
    )


@dataclass(frozen=True)
class Province:
    """福建 with 福州 (authorised to review; 鼓楼 and 台江), 泉州 (not authorised; 鲤城) and 平潭 (no counties).

    A and B are institutions of 鼓楼, C of 台江, D of 鲤城, E of 平潭. Memberships are named after their place.
    """

    fujian: Bureau
    fuzhou: Bureau
    gulou: Bureau
    taijiang: Bureau
    quanzhou: Bureau
    licheng: Bureau
    pingtan: Bureau
    a: Institution
    b: Institution
    c: Institution
    d: Institution
    e: Institution
    filer_a: Membership
    signer_a: Membership
    filer_b: Membership
    signer_b: Membership
    statistician: Membership
    fujian_reviewer: Membership
    fuzhou_reviewer: Membership
    gulou_reviewer: Membership
    taijiang_reviewer: Membership
    quanzhou_reviewer: Membership
    licheng_reviewer: Membership
    pingtan_reviewer: Membership
    system_admin: Membership
    security_admin: Membership
    audit_admin: Membership


def build_province() -> Province:
    fujian = a_bureau("福建省市场监督管理局", Tier.PROVINCE, code="350000", region_code="350000", phone="0591-00000000")
    fuzhou = a_bureau("福州市市场监督管理局", Tier.PREFECTURE, fujian, code="350100", region_code="350100")
    gulou = a_bureau(
        "鼓楼区市场监督管理局", Tier.COUNTY, fuzhou, code="350102", region_code="350102", phone="0591-00000102"
    )
    taijiang = a_bureau("台江区市场监督管理局", Tier.COUNTY, fuzhou, code="350103", region_code="350103")
    quanzhou = a_bureau("泉州市市场监督管理局", Tier.PREFECTURE, fujian, code="350500", region_code="350500")
    licheng = a_bureau("鲤城区市场监督管理局", Tier.COUNTY, quanzhou, code="350502", region_code="350502")
    pingtan = a_bureau("平潭综合实验区市场监督管理局", Tier.PREFECTURE, fujian, code="350128P", region_code="350128")
    a = an_institution(gulou, "福建甲检测有限公司", region_code="350102")
    b = an_institution(gulou, "福建乙检测有限公司", region_code="350102")
    c = an_institution(taijiang, "福建丙检测有限公司", region_code="350103")
    d = an_institution(licheng, "福建丁检测有限公司", region_code="350502")
    e = an_institution(pingtan, "福建戊检测有限公司", region_code="350128")

    def placed(role: str, place: Bureau | Institution, username: str, name: str) -> Membership:
        return a_membership(role, place, a_user(username, name=name))

    statistician = placed(Role.STATISTICIAN, fujian, "province", "林省统")
    authorise(bureau=fuzhou, by=statistician, reason="2023年度审核授权")
    return Province(
        fujian=fujian,
        fuzhou=fuzhou,
        gulou=gulou,
        taijiang=taijiang,
        quanzhou=quanzhou,
        licheng=licheng,
        pingtan=pingtan,
        a=a,
        b=b,
        c=c,
        d=d,
        e=e,
        filer_a=placed(Role.FILER, a, "filer-a", "陈甲填"),
        signer_a=placed(Role.SIGNER, a, "signer-a", "黄甲签"),
        filer_b=placed(Role.FILER, b, "filer-b", "陈乙填"),
        signer_b=placed(Role.SIGNER, b, "signer-b", "黄乙签"),
        statistician=statistician,
        fujian_reviewer=placed(Role.REVIEWER, fujian, "fujian", "郑省审"),
        fuzhou_reviewer=placed(Role.REVIEWER, fuzhou, "fuzhou", "吴榕审"),
        gulou_reviewer=placed(Role.REVIEWER, gulou, "gulou", "王鼓审"),
        taijiang_reviewer=placed(Role.REVIEWER, taijiang, "taijiang", "李台审"),
        quanzhou_reviewer=placed(Role.REVIEWER, quanzhou, "quanzhou", "张泉审"),
        licheng_reviewer=placed(Role.REVIEWER, licheng, "licheng", "刘鲤审"),
        pingtan_reviewer=placed(Role.REVIEWER, pingtan, "pingtan", "蔡潭审"),
        system_admin=placed(Role.SYSTEM_ADMIN, fujian, "sysadmin", "杨系管"),
        security_admin=placed(Role.SECURITY_ADMIN, fujian, "security", "周安管"),
        audit_admin=placed(Role.AUDIT_ADMIN, fujian, "audit", "许审管"),
    )
