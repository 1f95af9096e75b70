"""Invented people and institutions with names as Fujian has them."""

from __future__ import annotations

from demo.generator.chance import Chance
from demo.generator.places import Domain, Place


def _words(text: str) -> list[str]:
    return text.split()


_SURNAMES = "陈陈陈陈林林林林黄黄黄张张吴吴李李王王郑郑刘蔡蔡许杨杨郭谢洪叶曾苏庄邱周何徐江游赖翁薛卢方朱罗余潘魏高詹"
_GIVEN = _words(
    "建华 志强 丽萍 秀英 国栋 海燕 晓敏 文斌 雅婷 伟 芳 静 鑫 燕 宇航 思颖 俊杰 美玲 "
    "金水 明辉 少华 淑贞 振宇 佳怡 永忠 素琴 天佑 慧敏 德胜 雪梅 立新 婉如 锦程 晓东 "
    "婷婷 志明 惠珍 长青 翠兰 国强 敏 磊 艳红 培德 巧云 鸿志 丽华 荣辉 碧霞 友谊 剑锋 "
    "玉梅 家豪 诗涵 宏伟 月娥 清源 春花 世杰 依萍 耀辉 秋菊 景行 少敏 育才 琳 冬梅 "
    "学文 晓丹 正阳 凤英 瑞祥 玲 "
)
_FIRST = "闽榕鹭泉海信中正华安博恒科达诚天鼎鸿瑞金润东方致嘉永宏新众精智福源盛泰昌立"
_SECOND = "测检科信诚正达安源泰和瑞远恒衡宇昌兴华鑫泽通成创联合航辉翔捷健峰盾准标睿"
_ROADS = _words(
    "五四路 工业路 东大路 湖滨路 科技路 新华路 建设大道 解放路 滨海大道 文昌路 金山大道 "
    "八一七路 迎宾路 环城西路 高新大道 创业路 学府路 延平路 朝阳路 中山路 "
)
_PARKS = _words("软件园 高新技术产业园 工业园区 科创中心 标准厂房 生物医药园 ")
_PUBLIC = {
    "01": "建设工程质量检测中心 建筑科学研究所",
    "02": "建设工程质量检测中心 建筑材料检测站",
    "03": "环境监测站 生态环境监测中心",
    "04": "环境科学研究院 环境监测站",
    "05": "机动车检验所 道路运输检测站",
    "06": "食品药品检验检测中心 食品安全检验所 产品质量检验所",
    "07": "水质监测站 水文水资源监测站",
    "08": "农产品质量安全检验检测中心 农业检验监测中心 畜产品检测站 海洋与渔业检测站",
    "09": "疾病预防控制中心 职业病防治所",
    "10": "产品质量检验所 材料检验所",
    "14": "计量所 计量检定测试所",
    "27": "司法鉴定中心 刑事技术检验所",
    "30": "防雷检测所 气象灾害防御中心",
}


def person(chance: Chance) -> str:
    return chance.choice(_SURNAMES) + chance.choice(_GIVEN)


def brand(index: int) -> str:
    """Two characters that few neighbours share: the number walks through all pairs before one comes back."""
    pairs = len(_FIRST) * len(_SECOND)
    number = (index * 271 + 37) % pairs
    return _FIRST[number // len(_SECOND)] + _SECOND[number % len(_SECOND)]


def enterprise(index: int, place: Place, domain: Domain, large: bool, chance: Chance) -> str:
    seat = (
        chance.choice(("福建", place.city, f"福建省{place.city}"))
        if large
        else chance.choice((place.city, place.town, place.town))
    )
    limited = (
        "股份有限公司"
        if large and chance.yes(0.15)
        else chance.choice(("有限公司", "有限公司", "服务有限公司", "技术服务有限公司"))
    )
    words = chance.choice(domain.words)
    if words.endswith("技术") and limited.startswith("技术"):
        limited = "有限公司"
    return f"{seat}{brand(index)}{words}{limited}"


def public_institution(place: Place, domain: Domain, chance: Chance) -> str:
    kinds = _PUBLIC.get(domain.code, "产品质量检验所 检验检测中心 质量计量检测所 标准化与检验中心").split()
    seat = (
        place.prefecture
        if chance.yes(0.15) or place.city == "平潭"
        else chance.choice((place.county, f"{place.prefecture}{place.county}"))
    )
    return f"{seat}{chance.choice(kinds)}"


def other_body(index: int, place: Place, domain: Domain, unit_type: str, chance: Chance) -> str:
    endings = {"30": "技术监测站", "40": "检测协会", "51": "检测服务中心"}
    field = chance.choice(domain.words)
    for word in ("检测", "检验", "监测", "技术"):
        field = field.replace(word, "")
    return f"{place.city}{brand(index)}{field}{endings[unit_type]}"


def address(place: Place, chance: Chance) -> str:
    number = chance.randrange(1, 400)
    where = f"福建省{place.prefecture}{'' if place.city == '平潭' else place.county}"
    if chance.yes(0.35):
        return f"{where}{chance.choice(_PARKS)}{chance.randrange(1, 20)}号楼{chance.randrange(1, 9)}层"
    return f"{where}{chance.choice(_ROADS)}{number}号"
