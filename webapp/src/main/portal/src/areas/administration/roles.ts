import type { Role } from '../../api/client';

export const ROLE_NOTES: Record<Role, string> = {
  'pilot-operator': 'Watches the pilot and its devices',
  'pilot-admin': 'Also manages the pilot, its people and devices',
  'data-steward': 'Looks after the data: rejected records, audit trail',
  'support-agent': 'Helps the pilots; every read is in the audit trail',
  'platform-admin': 'Runs the platform, for all pilots',
};
