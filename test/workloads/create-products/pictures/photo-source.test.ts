import { describe, expect, it } from 'vitest';
import { InfrastructureError, SpillwayError } from '../../../../src/core/engine/errors.ts';
import type { Downloader } from '../../../../src/core/http/download.ts';
import { DownloadError, type DownloadErrorCode } from '../../../../src/core/http/download-error.ts';
import type { Blobs } from '../../../../src/core/jobs/model/ports.ts';
import { loadPhoto, type PhotoSource } from '../../../../src/workloads/create-products/photo-source.ts';
import { PhotoError } from '../../../../src/workloads/create-products/pictures/photo-errors.ts';

const MAX_BYTES = 1_000;
const PHOTO = Buffer.from('the photo');

function load(
  source: PhotoSource,
  fakes: { download?: Downloader['download']; get?: Blobs['get'] } = {},
  signal = new AbortController().signal,
): Promise<Buffer> {
  const unexpected = () => {
    throw new Error('not expected to be called');
  };
  const downloader: Downloader = { download: fakes.download ?? unexpected, close: async () => {} };
  const blobs: Blobs = {
    get: fakes.get ?? unexpected,
    put: unexpected,
    size: unexpected,
    read: unexpected,
    list: unexpected,
    write: unexpected,
    beginParts: unexpected,
    putPart: unexpected,
    endParts: unexpected,
    delete: unexpected,
    readUrl: unexpected,
    writeUrl: unexpected,
  };
  return loadPhoto(source, { downloader, blobs, tenant: 'acme', maxBytes: MAX_BYTES }, signal);
}

async function failure(promise: Promise<unknown>): Promise<PhotoError> {
  const error = await promise.then(
    () => undefined,
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(PhotoError);
  return error;
}

describe('a photo by URL', () => {
  const url = 'https://shop.test/a.jpg';

  it('is downloaded under the signal', async () => {
    const controller = new AbortController();
    const photo = await load(
      { url },
      {
        download: async (asked, signal) => {
          expect([asked, signal]).toEqual([url, controller.signal]);
          return PHOTO;
        },
      },
      controller.signal,
    );
    expect(photo).toBe(PHOTO);
  });

  it.each<[DownloadErrorCode, string, boolean]>([
    ['URL_INVALID', 'PHOTO_URL_NOT_ALLOWED', false],
    ['URL_NOT_ALLOWED', 'PHOTO_URL_NOT_ALLOWED', false],
    ['ADDRESS_FORBIDDEN', 'PHOTO_ADDRESS_FORBIDDEN', false],
    ['HOST_NOT_FOUND', 'PHOTO_NOT_FOUND', false],
    ['NOT_FOUND', 'PHOTO_NOT_FOUND', false],
    ['CERTIFICATE_INVALID', 'PHOTO_REFUSED', false],
    ['UPSTREAM_REFUSED', 'PHOTO_REFUSED', false],
    ['TOO_MANY_REDIRECTS', 'PHOTO_REFUSED', false],
    ['TOO_LARGE', 'PHOTO_TOO_LARGE', false],
    ['UPSTREAM_FAILED', 'PHOTO_DOWNLOAD_FAILED', true],
    ['CONNECTION_FAILED', 'PHOTO_DOWNLOAD_FAILED', true],
    ['TIMED_OUT', 'PHOTO_TIMED_OUT', true],
  ])('that fails with %s fails with %s', async (cause, code, retryable) => {
    const error = await failure(
      load(
        { url },
        {
          download: async () => {
            throw new DownloadError(cause, 'no');
          },
        },
      ),
    );
    expect(error).toMatchObject({ code, retryable });
  });

  it('that has no bytes is refused', async () => {
    expect((await failure(load({ url }, { download: async () => Buffer.alloc(0) }))).code).toBe(
      'PHOTO_EMPTY',
    );
  });

  it('that has too many bytes is refused, whatever the downloader allows', async () => {
    const download = async () => Buffer.alloc(MAX_BYTES + 1);
    expect((await failure(load({ url }, { download }))).code).toBe('PHOTO_TOO_LARGE');
  });

  it('rejects with the reason when the signal aborts', async () => {
    const controller = new AbortController();
    const reason = new Error('budget ended');
    const download = async () => {
      controller.abort(reason);
      throw new DownloadError('CONNECTION_FAILED', 'socket closed');
    };
    await expect(load({ url }, { download }, controller.signal)).rejects.toBe(reason);
  });
});

describe('a photo by key', () => {
  const key = 'uploads/acme/a.jpg';

  it('is read from the store, within the limit', async () => {
    const get: Blobs['get'] = async (asked, options) => {
      expect([asked, options?.maxBytes]).toEqual([key, MAX_BYTES]);
      return PHOTO;
    };
    expect(await load({ key }, { get })).toBe(PHOTO);
  });

  it('that does not exist is not found', async () => {
    expect((await failure(load({ key }, { get: async () => undefined }))).code).toBe('PHOTO_NOT_FOUND');
  });

  it.each(['uploads/other/a.jpg', 'uploads/acme-2/a.jpg', 'uploads/acme/../other/a.jpg', 'jobs/acme/a.jpg'])(
    '%s of somebody else is not found, and not looked for',
    async (foreign) => {
      expect((await failure(load({ key: foreign }))).code).toBe('PHOTO_NOT_FOUND');
    },
  );

  it('that is too large says so', async () => {
    const large = async () => {
      throw new SpillwayError('OBJECT_TOO_LARGE', 'more');
    };
    expect(await failure(load({ key }, { get: large }))).toMatchObject({
      code: 'PHOTO_TOO_LARGE',
      retryable: false,
    });
  });

  it('is not to blame for a store that is out of reach', async () => {
    const away = new InfrastructureError('STORE_UNAVAILABLE', 'out of reach', 'object store');
    const get = async () => {
      throw away;
    };
    await expect(load({ key }, { get })).rejects.toBe(away);
  });
});

describe('a photo as base64', () => {
  const digits = PHOTO.toString('base64');

  it.each([
    ['bare', digits],
    ['without padding', digits.replace(/=+$/, '')],
    ['URL-safe', PHOTO.toString('base64url')],
    ['as a data: URL', `data:image/png;base64,${digits}`],
    ['as a data: URL with parameters', `data:image/svg+xml;charset=utf-8;base64,${digits}`],
    ['in lines', `${digits.slice(0, 4)}\r\n${digits.slice(4)}\n`],
  ])('is taken %s', async (_, base64) => {
    expect(await load({ base64 })).toEqual(PHOTO);
  });

  it.each([
    '%%%',
    `${digits}*`,
    `*${digits}`,
    'aGk=aGk=',
    '====',
    'data:image/png,plain',
    'data:image/png;base64',
  ])('"%s" is refused', async (base64) => {
    expect((await failure(load({ base64 }))).code).toBe('PHOTO_BASE64_INVALID');
  });

  it('of nothing is empty', async () => {
    expect((await failure(load({ base64: 'data:image/png;base64,' }))).code).toBe('PHOTO_EMPTY');
  });

  it('is taken up to the limit and not beyond', async () => {
    expect(await load({ base64: Buffer.alloc(MAX_BYTES).toString('base64') })).toHaveLength(MAX_BYTES);
    const over = Buffer.alloc(MAX_BYTES + 1).toString('base64');
    expect((await failure(load({ base64: over }))).code).toBe('PHOTO_TOO_LARGE');
  });
});
