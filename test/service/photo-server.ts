import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import sharp from 'sharp';

/** A picture with a subject that stands out. */
export function drawPhoto(width = 480, height = 360): Promise<Buffer> {
  const svg = `<svg width="${width}" height="${height}" xmlns="http://www.w3.org/2000/svg">
    <rect width="100%" height="100%" fill="#d8d4cc"/>
    <ellipse cx="${width / 2}" cy="${height * 0.82}" rx="${width / 4}" ry="${height / 16}" fill="#a9a49a"/>
    <rect x="${width * 0.35}" y="${height * 0.25}" width="${width * 0.3}" height="${height * 0.55}" rx="14" fill="#b3261e"/>
  </svg>`;
  return sharp(Buffer.from(svg)).jpeg({ quality: 90 }).toBuffer();
}

/** A PNG whose header promises more pixels than anybody should decode. */
async function bomb(): Promise<Buffer> {
  return sharp({
    create: { width: 10_001, height: 10_000, channels: 3, background: 'white' },
    limitInputPixels: false,
  })
    .png({ compressionLevel: 9 })
    .toBuffer();
}

/** Serves good and bad photos over real HTTP on 127.0.0.1. */
export async function startPhotoServer() {
  const good = await drawPhoto();
  const huge = await bomb();
  let open = 0;
  let held = 0;
  let gate = Promise.withResolvers<void>();
  const routes: Record<string, (response: ServerResponse) => void> = {
    '/good.jpg': (response) => response.writeHead(200, { 'content-type': 'text/plain' }).end(good),
    '/held.jpg': async (response) => {
      held += 1;
      await gate.promise;
      held -= 1;
      response.writeHead(200).end(good);
    },
    '/kill-process.jpg': (response) => response.writeHead(200).end(good),
    '/page.jpg': (response) =>
      response.writeHead(200, { 'content-type': 'image/jpeg' }).end('<html>Not here</html>'),
    '/truncated.jpg': (response) => response.writeHead(200).end(good.subarray(0, good.length / 2)),
    '/bomb.png': (response) => response.writeHead(200).end(huge),
    '/large.jpg': (response) =>
      response.writeHead(200).end(Buffer.concat([good, Buffer.alloc(20 * 2 ** 20)])),
    '/never.jpg': (response) => void response.writeHead(200).write(good.subarray(0, 100)),
    '/to-metadata.jpg': (response) =>
      response.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data/' }).end(),
    '/to-loopback.jpg': (response) => response.writeHead(302, { location: 'http://127.0.0.2/x.jpg' }).end(),
  };
  const server = createServer((request, response) => {
    open += 1;
    response.on('close', () => {
      open -= 1;
    });
    const route = routes[request.url ?? ''];
    if (route) route(response);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: (path: string) => `http://127.0.0.1:${port}${path}`,
    openRequests: () => open,
    /** From now on `/held.jpg` is not answered until it is told to be. */
    hold: () => {
      gate = Promise.withResolvers();
    },
    release: () => gate.resolve(),
    /** Requests for `/held.jpg` that wait. */
    heldRequests: () => held,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

export type PhotoServer = Awaited<ReturnType<typeof startPhotoServer>>;
