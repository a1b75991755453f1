/** How operators steer the relay. */
import { adminSection } from '@polyplex/node';

export const admin = adminSection({ port: 8080, server: 'relay', auditName: 'smp' });
