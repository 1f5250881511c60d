"""What Korean exports call the declared columns."""

from __future__ import annotations

_CUSTOMER = ("고객번호", "고객id", "고객 번호", "회원번호")
_BRANCH = ("지점", "지점번호", "지점코드", "지점명", "영업점", "점포")

KOREAN: dict[str, dict[str, tuple[str, ...]]] = {
    "customers": {
        "customer_id": _CUSTOMER,
        "branch_id": _BRANCH,
        "joined": ("가입일", "가입일자", "개설일"),
        "age": ("나이", "연령"),
        "segment": ("고객등급", "등급", "고객유형"),
    },
    "branches": {
        "branch_id": _BRANCH,
        "region": ("지역", "시도", "권역"),
        "kind": ("점포유형", "지점유형"),
        "windows": ("창구수", "창구 수"),
        "opened": ("개점일", "개설일자"),
        "closed": ("폐점일", "폐쇄일"),
    },
    "visits": {
        "visit_id": ("대기번호", "번호표", "접수번호"),
        "branch_id": _BRANCH,
        "customer_id": _CUSTOMER,
        "staff_id": ("직원번호", "상담원", "상담사", "담당자"),
        "channel": ("채널",),
        "service_type": ("업무유형", "업무구분", "업무"),
        "arrived": ("발권시각", "발권시간", "도착시간", "접수시간", "방문일시"),
        "called": ("호출시각", "호출시간"),
        "started": ("시작시간", "상담시작", "처리시작"),
        "ended": ("종료시간", "상담종료", "처리종료"),
        "abandoned": ("포기", "이탈"),
    },
    "complaints": {
        "complaint_id": ("민원번호", "접수번호", "민원 번호"),
        "received": ("접수일", "접수일자", "접수일시", "민원접수일", "작성일", "등록일", "작성일자", "등록일자", "날짜", "일자"),
        "responded": ("답변일", "답변일자", "답변일시", "회신일"),
        "resolved": ("처리일", "처리일자", "완료일", "종결일"),
        "channel": ("접수채널", "채널", "접수경로", "플랫폼"),
        "business": ("상품", "업무구분", "금융상품", "분야"),
        "branch_id": _BRANCH,
        "customer_id": _CUSTOMER,
        "text": ("민원내용", "내용", "본문", "불만내용", "리뷰", "후기", "리뷰내용", "상담내용"),
        "recorded_cause": ("민원유형", "유형", "분류", "원인", "사유"),
        "reopened": ("재접수",),
        "escalated": ("상급이관", "이관"),
        "compensation": ("보상금액", "배상금액"),
    },
    "surveys": {
        "survey_id": ("응답번호", "설문번호", "응답자번호", "연번", "순번"),
        "customer_id": _CUSTOMER,
        "branch_id": _BRANCH,
        "visit_id": ("대기번호", "번호표"),
        "invited": ("발송일", "발송일시"),
        "answered": ("응답일", "응답일자", "응답일시", "조사일", "조사일자", "작성일"),
        "satisfaction": ("만족도", "전반적만족도", "전반적 만족도", "종합만족도", "별점", "평점"),
        "recommendation": ("추천의향", "추천의도", "추천"),
        "effort": ("노력점수",),
        "wait_minutes": ("대기시간", "대기 시간"),
        "perceived_wait_minutes": ("체감대기시간", "체감 대기시간"),
    },
    "training": {
        "training_id": ("교육번호",),
        "branch_id": _BRANCH,
        "staff_id": ("직원번호", "사번"),
        "module": ("교육과정", "과정명", "교육명"),
        "hours": ("교육시간",),
        "completed": ("수료일", "교육일자", "이수일"),
    },
    "interventions": {
        "name": ("정책명", "제목"),
        "date": ("시행일", "시행일자"),
        "announced": ("발표일", "공고일"),
    },
    "accounts": {
        "customer_id": _CUSTOMER,
        "month": ("기준월", "기준년월"),
        "balance": ("잔액", "계좌잔액"),
        "products": ("상품수", "보유상품수"),
        "closed": ("해지", "해지여부", "이탈여부"),
    },
    "denominators": {
        "month": ("기준월", "기준년월"),
        "value": ("값", "건수"),
    },
}  # fmt: skip
"""Table → declared column → names seen in Korean exports."""
