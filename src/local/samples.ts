import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { HeadObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';

/** The prefix of the sample photos, for the tenant of the default key. */
export const samplesPrefix = 'uploads/local/samples/';

const contentTypes: Record<string, string> = {
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.png': 'image/png',
  '.webp': 'image/webp',
  '.avif': 'image/avif',
  '.gif': 'image/gif',
};

/**
 * Uploads the photos of a directory to the bucket, unless they exist. Returns their keys; none without a
 * directory.
 */
export async function seedSamples(s3: S3Client, bucket: string, directory: string): Promise<string[]> {
  const photos = listFiles(directory).filter((name) => extname(name).toLowerCase() in contentTypes);
  return Promise.all(
    photos.map(async (name) => {
      const target = { Bucket: bucket, Key: samplesPrefix + name };
      if (!(await exists(s3, target))) {
        const ContentType = contentTypes[extname(name).toLowerCase()];
        await s3.send(
          new PutObjectCommand({ ...target, Body: readFileSync(join(directory, name)), ContentType }),
        );
      }
      return target.Key;
    }),
  );
}

function listFiles(directory: string): string[] {
  try {
    return readdirSync(directory).sort();
  } catch {
    return [];
  }
}

async function exists(s3: S3Client, target: { Bucket: string; Key: string }): Promise<boolean> {
  try {
    await s3.send(new HeadObjectCommand(target));
    return true;
  } catch (error) {
    if (error instanceof Error && error.name === 'NotFound') return false;
    throw error;
  }
}
