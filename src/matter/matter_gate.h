/* The release matrix: which document or act the Regulation on supervision of administrative law enforcement (行政执法监督条例, State
 * Council Order 825) allows, advises against or forbids on the facts of a matter. A static table, one row a document, one entry a
 * condition; nothing here reads a database, a clock or a file, so that every cell is a test (test_matter_gate.c) and every refusal carries
 * its article.
 *
 * Invariant: a local profile may change only what is marked as our reading (`interpretation`); issuers and blocks of the text itself cannot
 * be switched off. Source: domain/regulation825.md 2.1; articles cited as "28" or "33(3)" (paragraph). */
#ifndef XZ_MATTER_MATTER_GATE_H
#define XZ_MATTER_MATTER_GATE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

/** The law that every article of this header belongs to, by its short name in law/. */
#define GATE_LAW "行政执法监督条例"

/** Documents and acts. The first sixteen kinds have the codes of domain/instruments.md section 2. */
enum gate_item {
	GATE_EXPLAIN_REQUEST,      /* 要求说明情况（自查）函 */
	GATE_MATERIAL_REQUEST,     /* 调阅资料通知 */
	GATE_INQUIRY_RECORD,       /* 访谈、询问 */
	GATE_INTERVIEW_NOTICE,     /* 约谈 */
	GATE_SITE_CHECK_RECORD,    /* 现场检查、暗访 */
	GATE_FEEDBACK_LETTER,      /* 问题反馈函（非法定） */
	GATE_ONSPOT_FIX,           /* 当场纠正记录 */
	GATE_URGING_LETTER,        /* 督办函 */
	GATE_SUPERVISION_OPINION,  /* 意见书 */
	GATE_HANDLING_PROPOSAL,    /* 处理建议（报政府） */
	GATE_SUPERVISION_DECISION, /* 决定书 */
	GATE_CIRCULAR,             /* 通报 */
	GATE_PUBLICATION,          /* 向社会公布 */
	GATE_PERSONNEL_SUGGESTION, /* 人员处理建议书 */
	GATE_TRANSFER_SUPERVISORY, /* 问题线索移送函（监察） */
	GATE_TRANSFER_OTHER,       /* 移送其他机关 */
	GATE_UPPER_NOTICE,         /* 问题告知函（上一级主管部门） */
	GATE_GUIDE_NOTICE,         /* 引导告知书（当事人） */
	GATE_SUGGESTION_LETTER,    /* 制度完善建议 */
	GATE_TYPICAL_CASE,         /* 典型案例 */
	GATE_COORDINATION,         /* 协调意见书 */
	GATE_SUPERVISION_NOTICE,   /* 地方通知书 */
	GATE_LOCAL_SUGGESTION,     /* 地方建议书 */
	GATE_SPECIAL_LAUNCH,       /* 发起专项监督 */
	GATE_SPECIAL_REGISTER,     /* 登记落实上级专项监督 */
	GATE_CLOSE,                /* 结案：不是文书，告知上一级的警示在此 */
	GATE_ITEM_COUNT
};

/** What the problem is, as far as the choice of document depends on it. */
enum gate_class { GATE_CLASS_NONE, GATE_CLASS_INACTION, GATE_CLASS_ILLEGAL, GATE_CLASS_IMPROPER, GATE_CLASS_COUNT };
enum gate_issuer { GATE_ISSUER_BODY, GATE_ISSUER_GOVERNMENT, GATE_ISSUER_TOWNSHIP, GATE_ISSUER_COUNT };
enum gate_management { GATE_LOCAL_MANAGED, GATE_VERTICAL, GATE_DUAL_UPPER, GATE_MANAGEMENT_COUNT };
enum gate_level { GATE_LEVEL_TOWNSHIP, GATE_LEVEL_COUNTY, GATE_LEVEL_CITY, GATE_LEVEL_PROVINCE, GATE_LEVEL_STATE, GATE_LEVEL_COUNT };

/** Everything the matrix asks. Zero-initialised: nothing proved, nobody informed, a body of a township: the strictest case. */
struct gate_facts {
	bool in_proceedings;     /* 程序中：同一行为已进入复议或诉讼（不是“同一机关有案”） */
	bool established;        /* 查明：有人核查并确认 */
	enum gate_class problem; /* 类 */
	bool major;              /* 重大 */
	bool unheeded;           /* 未落实：在先督办函或意见书到期未履行、未纠正 */
	enum gate_issuer issuer; /* 签发主体 */
	bool gov_approval;       /* 政府批准：有批准文号与用印件 */
	bool prior_proposal;     /* 有在先处理建议 */
	enum gate_management management;
	bool upper_notified;      /* 已告知上一级主管部门 */
	bool basis_stated;        /* 已写明应当履行的职责及依据 */
	bool says_illegal;        /* 问题反馈函写了“违法”结论 */
	bool refuses_system;      /* 拒不落实制度 */
	bool prominent;           /* 问题突出 */
	bool separately_approved; /* 通报、公布已另行审批 */
	bool deidentified;        /* 已作脱密脱敏审核 */
	bool imposes_sanction;    /* 人员处理建议书直接给予处分或取消资格 */
	bool reader_named;        /* 移送函已指定知悉人 */
	bool jurisdiction_basis;  /* 移送其他机关有管辖依据 */
	bool names_case;          /* 点名个案 */
	bool parties_same_level;  /* 争议双方均为本级机关 */
	bool local_profile;       /* 地方档已启用该文书 */
	bool replaces_decision;   /* 地方文书用来替代决定书 */
	enum gate_level level;    /* 监督机构的层级 */
	bool plan_approved;       /* 专项监督方案经本级政府批准 */
	bool readings_warn_only;  /* 本级把标〔读〕的口径改为只提醒 */
};

enum gate_verdict { GATE_ALLOWED, GATE_WARNED, GATE_BLOCKED, GATE_VERDICT_COUNT };

struct gate_reason {
	enum gate_verdict verdict;
	const char *article;    /* "28", "33(3)"; "" when only a law outside the Regulation says it (各该法) */
	const char *text;       /* Chinese, a whole sentence without the article */
	enum gate_item instead; /* what to use instead; GATE_ITEM_COUNT = nothing */
	bool interpretation;    /* 〔读〕: our understanding, not the text */
};
#define GATE_REASONS_MAX 12

struct gate_answer {
	enum gate_verdict verdict;
	struct gate_reason reasons[GATE_REASONS_MAX]; /* every condition that is not met, blocking ones first */
	size_t reason_count;
	bool must_state_basis; /* warned, and the document has to state its basis (督办函 on facts not yet established) */
};

/** Asks the matrix. Always fills *ret; total over all inputs. */
void matter_gate(enum gate_item item, const struct gate_facts *f, struct gate_answer *ret);
/** ERR_OK when allowed or warned; ERR_BLOCKED with reason, article and what to use instead. */
enum err_code matter_gate_need(enum gate_item item, const struct gate_facts *f, struct err *err);

/** What happens to everything under way when the same act enters reconsideration or litigation: the last row of the matrix. */
struct gate_suspension {
	bool suspend_matter, freeze_drafts, stop_reminders, resume_by_person;
	const char *article, *text;
	bool interpretation;
};
struct gate_suspension matter_gate_suspension(bool in_proceedings);

/** "supervision_opinion", 意见书, and back (GATE_ITEM_COUNT when unknown). */
const char *gate_item_code(enum gate_item item);
const char *gate_item_title(enum gate_item item);
enum gate_item gate_item_parse(struct str code);
/** The articles the row rests on, e.g. "28；33(3)". */
const char *gate_item_basis(enum gate_item item);
/** "allowed" "warned" "blocked". */
const char *gate_verdict_slug(enum gate_verdict v);
/** "《行政执法监督条例》第33条第3款" in `out`; "" for an empty article. */
void gate_article_text(const char *article, char out[static 96]);

/** The kinds a finding or matter may have (glossary finding_kind, and "illegal" as such) and the class each falls in. */
struct problem_kind {
	const char *code;
	const char *title;
	enum gate_class problem;
};
extern const struct problem_kind problem_kinds[];
extern const size_t problem_kind_count;
/** NULL when unknown. */
const struct problem_kind *problem_kind_find(struct str code);

#endif
