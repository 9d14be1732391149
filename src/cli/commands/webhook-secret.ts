import type { Command } from 'commander';
import { tenantKey, writtenKey } from '../../core/http/webhook-signature.ts';
import { UsageError } from '../usage-error.ts';

/** `spillway webhook-secret`: prints the secret that a tenant's receivers check signatures with. */
export function addWebhookSecret(program: Command): void {
  program
    .command('webhook-secret')
    .argument('<tenant>', 'the tenant')
    .summary("print the secret that signs a tenant's webhooks")
    .description(
      "Prints the secret that signs a tenant's webhooks. Give it to that tenant alone. It is derived from the secret of the service.",
    )
    .addHelpText('after', '\nExample:\n  SPILLWAY_WEBHOOK_SECRET=… spillway webhook-secret local')
    .action((tenant: string) => {
      const [secret = ''] = (process.env.SPILLWAY_WEBHOOK_SECRET ?? '').split(',');
      if (secret === '') throw new UsageError("SPILLWAY_WEBHOOK_SECRET must hold the service's secret.");
      process.stdout.write(`${writtenKey(tenantKey(secret, tenant))}\n`);
    });
}
