/** Faults of calls, in words. */

import { text } from '../strings/strings.js';
import { ProblemError, UnreachableError } from './http.js';

export function faultWords(error: unknown): string {
  if (error instanceof UnreachableError) return text('unreachable');
  if (error instanceof ProblemError && error.problem.status === 404) return text('notFound');
  return text('somethingFailed', { detail: error instanceof Error ? error.message : String(error) });
}
