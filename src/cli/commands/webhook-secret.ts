import type { Command } from 'commander';
import { tenantKey, writtenKey } from '../../core/http/webhook-signature.ts';
import { UsageError } from '../errors.ts';

/** `spillway webhook-secret`: what a tenant's receivers check signatures with. */
export function addWebhookSecret(program: Command): void {
  program
    .command('webhook-secret')
    .argument('<tenant>', 'whose')
    .summary("print what a tenant's webhooks are signed with")
    .description(
      "Prints what a tenant's webhooks are signed with, for the tenant alone. It is made of the service's own secret.",
    )
    .addHelpText('after', '\nExample:\n  SPILLWAY_WEBHOOK_SECRET=… spillway webhook-secret local')
    .action((tenant: string) => {
      const [secret = ''] = (process.env.SPILLWAY_WEBHOOK_SECRET ?? '').split(',');
      if (secret === '') throw new UsageError("SPILLWAY_WEBHOOK_SECRET must hold the service's secret.");
      process.stdout.write(`${writtenKey(tenantKey(secret, tenant))}\n`);
    });
}
