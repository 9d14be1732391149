import { loadConfig } from '../../src/local/config.ts';
import { openDataDir } from '../../src/local/data-dir.ts';
import { startCloud } from '../../src/local/cloud.ts';
const config = loadConfig();
const t = Date.now();
const dataDir = openDataDir('/tmp/sp/data');
const cloud = await startCloud({ dataDir, region: 'us-east-1', resources: config.resources, env: {}, onFailure: console.error });
console.log(Date.now() - t, cloud.endpoints, cloud.environment, cloud.queueUrl('SliceQueue'));
try { openDataDir('/tmp/sp/data') } catch (e) { console.log(String(e)) }
await cloud.stop();
console.log('stopped', Date.now() - t);
dataDir.release();
