/* Names of the roles, in the order of their bits. */
#include "actor/actor.h"

static const struct {
	const char *slug;
	const char *title;
} names[ROLE_COUNT] = {
	{ "supervisor", "监督人员" },
	{ "reviewer", "文书审核人员" },
	{ "leader", "监督机构负责人" },
	{ "gov_approver", "政府审批人员" },
	{ "liaison", "执法机关联络员" },
	{ "township", "司法所人员" },
	{ "auditor", "审计员" },
	{ "sysadmin", "系统管理员" },
	{ "secadmin", "安全管理员" },
};

const char *role_slug(int i)
{
	return names[i].slug;
}

const char *role_title(int i)
{
	return names[i].title;
}

unsigned int role_from_slug(struct str slug)
{
	for (int i = 0; i < ROLE_COUNT; i++)
		if (str_eq(slug, str_of(names[i].slug)))
			return 1u << i;
	return 0;
}
