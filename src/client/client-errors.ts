import { defineErrors } from '../core/engine/errors.ts';

export const clientErrors = defineErrors({
  SERVICE_UNREACHABLE: {
    retryable: true,
    meaning: 'The service does not answer at this URL.',
    whatToDo: 'Check the URL and the network, and that the service runs.',
  },
});
