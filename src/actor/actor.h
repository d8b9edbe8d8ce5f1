/* Who acts: the account, its roles and the part of the organisation tree it may see. Passed to everything that decides or
 * changes; made by auth from a session, by cli for commands, by tests as they like. */
#ifndef XZ_ACTOR_ACTOR_H
#define XZ_ACTOR_ACTOR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

/** Roles are bits; a route row with role 0 admits nobody. */
enum role {
	ROLE_SUPERVISOR = 1 << 0,   /* 监督人员 */
	ROLE_REVIEWER = 1 << 1,     /* 法制审核（监督文书）人员 */
	ROLE_LEADER = 1 << 2,       /* 监督机构负责人 */
	ROLE_GOV_APPROVER = 1 << 3, /* 本级政府审批 */
	ROLE_LIAISON = 1 << 4,      /* 执法机关联络员 */
	ROLE_TOWNSHIP = 1 << 5,     /* 司法所：只采集、协助，不签发（条例 6(2)） */
	ROLE_AUDITOR = 1 << 6,      /* 审计员 */
	ROLE_SYSADMIN = 1 << 7,     /* 系统管理员 */
	ROLE_SECADMIN = 1 << 8,     /* 安全管理员 */
	ROLE_ANYONE = 1 << 15,      /* also without signing in; for the portal and the sign-in route */
};
#define ROLE_COUNT 9
#define ROLE_BODY (ROLE_SUPERVISOR | ROLE_REVIEWER | ROLE_LEADER) /* staff of the supervision body */
#define ROLE_OFFICE (ROLE_BODY | ROLE_GOV_APPROVER)               /* may see the bureau's side of a matter */
#define ROLE_SIGNED_IN ((1 << ROLE_COUNT) - 1)

struct actor {
	int64_t account_id; /* 0: the program itself (command line, job) */
	unsigned int roles;
	int64_t org_id;        /* the organisation the account belongs to */
	struct str org_path;   /* "/id/id/" of that organisation */
	struct str scope_path; /* data scope: the subtree whose org.path starts with this; empty = everything */
	struct str name;       /* what the audit trail and documents show */
	struct str remote;     /* address of the peer, "" on the command line */
	int64_t session_id;
};

static inline bool actor_has(const struct actor *who, unsigned int any_of_roles)
{
	return (who->roles & any_of_roles) != 0;
}
/** True when the organisation at `org_path` lies in the actor's scope. */
static inline bool actor_sees(const struct actor *who, struct str org_path)
{
	return str_starts(org_path, who->scope_path);
}
/** An agency's own account: sees only what was sent to it, never a complaint behind it. */
static inline bool actor_is_agency(const struct actor *who)
{
	return (who->roles & ~(unsigned int)ROLE_LIAISON) == 0 && (who->roles & ROLE_LIAISON) != 0;
}
/** Slug ("supervisor") and Chinese name of the i-th role, 0 <= i < ROLE_COUNT. */
const char *role_slug(int i);
const char *role_title(int i);
/** Bit of a slug, 0 when unknown. */
unsigned int role_from_slug(struct str slug);

#endif
