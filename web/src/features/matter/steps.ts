// The five steps of a matter, and its end.
export const STEPS = ['analysis', 'verification', 'supervision', 'rectification', 'feedback', 'closed'];
