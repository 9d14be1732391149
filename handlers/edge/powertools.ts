import { Logger } from '@aws-lambda-powertools/logger';
import { MetricUnit, Metrics as PowertoolsMetrics } from '@aws-lambda-powertools/metrics';
import type { Log, Metrics } from '../../src/core/jobs/model/ports.ts';

const serviceName = 'spillway';

export const logger = new Logger({ serviceName });
export const powertoolsMetrics = new PowertoolsMetrics({ namespace: 'Spillway', serviceName });

/** The log of a job's life on Powertools: one JSON line per call. */
export const log: Log = {
  info: (message, fields) => logger.info(message, fields ?? {}),
  warn: (message, fields) => logger.warn(message, fields ?? {}),
  error: (message, fields) => logger.error(message, fields ?? {}),
};

/** The metrics of a job's life on Powertools: written to the log in CloudWatch's embedded format when the handler ends. */
export const metrics: Metrics = {
  count: (name, value) => powertoolsMetrics.addMetric(name, MetricUnit.Count, value),
  milliseconds: (name, value) => powertoolsMetrics.addMetric(name, MetricUnit.Milliseconds, value),
  percent: (name, value) => powertoolsMetrics.addMetric(name, MetricUnit.Percent, value),
};
