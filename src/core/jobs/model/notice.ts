import type { Job } from './job.ts';
import type { Slice, SliceRef } from './slice.ts';

/** What the task of telling a job's end keeps. */
export interface NoticeNote {
  /** What is sent: the job as it was when it ended. */
  body?: string;
  /** What came of the last try. */
  lastStatus?: number;
  lastError?: string;
  /** Set when nothing more is tried. */
  outcome?: 'delivered' | 'failed';
}

const prefix = 'notify-';

/** Each round ends once, and has a notice of its own. */
export const noticeId = ({ rounds = 0 }: Pick<Job, 'rounds'>): string => `${prefix}${rounds}`;

/** Whether a message is about a notice: those are for jobs that have ended. */
export const isNotice = ({ sliceId }: Pick<SliceRef, 'sliceId'>): boolean => sliceId.startsWith(prefix);

/** The id that receivers tell notices apart by. */
export const sentId = ({ jobId, id }: Pick<Slice, 'jobId' | 'id'>): string =>
  `${jobId}_${id.slice(prefix.length)}`;
