import { suite } from '../lib/differential.mjs';

suite('health', [], {
  'who asks': [
    [200, 'guest', 'GET /api/health', undefined, { body: { code: 200, message: 'API is healthy.', data: {} } }],
    [200, 'guest', 'HEAD /api/health'],
    [200, 'bad', 'GET /api/health'],
    [200, 'superuser', 'GET /api/health', undefined, { body: { data: { canBackup: true, realIP: '127.0.0.1' } } }],
    [200, 'superuser', 'GET /api/health', undefined, { headers: { 'X-Forwarded-For': '10.1.2.3' }, body: { data: { possibleProxyHeader: 'X-Forwarded-For' } } }],
  ],
});
