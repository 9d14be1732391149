import { type Html, html } from '../html.ts';
import type { Figures } from './figures.ts';
import type { GalleryPhoto, GalleryProduct, Saved } from './gallery.ts';
import { pageStyle } from './page-style.ts';
import { type Timeline, timelineFigure } from './timeline.ts';

/** The page that shows a run: its figures, and each photo before and after. Needs only the files beside it. */
export function contactSheet(
  products: readonly GalleryProduct[],
  figures: Figures,
  timeline: Timeline,
): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Spillway: ${figures.products} products, before and after</title>
<style>${pageStyle}</style>
</head>
<body>
${header(figures, timeline)}
<main>
${products.map(productSection)}
</main>
</body>
</html>
`.text;
}

function header(figures: Figures, timeline: Timeline): Html {
  const { products, created, failed, photos, photosFailed, wallTime, work, firstAnswer } = figures;
  const answered =
    firstAnswer.status === 200
      ? 'everything was done within the call'
      : `${firstAnswer.settled} of ${products} products in it; limit ${seconds(firstAnswer.limit)}`;
  return html`<header>
<p class="brand">Spillway</p>
<h1>Before and after</h1>
<dl class="figures">
${tile('Products created', `${created} of ${products}`, failed === 0 ? 'none failed' : `${failed} failed`)}
${tile('Photos cut out', `${photos - photosFailed} of ${photos}`, photosFailed === 0 ? 'none failed' : `${photosFailed} failed`)}
${tile(`First answer (${firstAnswer.status})`, seconds(firstAnswer.after), answered)}
${tile('All done after', seconds(wallTime), `${(work / wallTime).toFixed(1)} products at a time: ${seconds(work)} in sum`)}
</dl>
${split(figures)}
${timelineFigure(timeline)}
</header>`;
}

function tile(name: string, value: string, note: string): Html {
  return html`<div><dt>${name}</dt><dd class="value">${value}</dd><dd class="note">${note}</dd></div>\n`;
}

/** The split of the products between the call and its continuation, as one bar. */
function split({ inTheCall, continued }: Figures): Html {
  const part = (name: string, count: number, kind: string) =>
    count === 0 ? '' : html`<span class="${kind}" style="flex-grow:${count}">${count} ${name}</span>`;
  return html`<div class="split">${part('in the call', inTheCall, 'call')}${part('in continuation functions', continued, 'continuation')}</div>`;
}

function productSection(product: GalleryProduct): Html {
  const { productId, metadata, status, where, attempts, photos } = product;
  const price = metadata.price === undefined ? '' : html`<span>${Number(metadata.price).toFixed(2)}</span>`;
  return html`<section>
<h2>${metadata.title}</h2>
<p class="facts">
<span class="badge ${status}">${status}</span>
<span class="badge ${where === 'continuation' ? 'continuation' : 'call'}">${where}</span>
<span>${seconds(product.seconds)}</span>
<span>${attempts === 1 ? '1 attempt' : `${attempts} attempts`}</span>
<span>${productId}</span>
${metadata.category === undefined ? '' : html`<span>${metadata.category}</span>`}
${price}
</p>
<div class="photos">
${photos.map((photo) => photoFigure(photo, metadata.title))}
</div>
</section>
`;
}

function photoFigure(photo: GalleryPhoto, title: string): Html {
  const { name, original } = photo;
  return html`<figure>
<div class="pair">
<div class="before">${picture(original, `${title}, as photographed`)}</div>
${after(photo, title)}
</div>
<figcaption>
<span><b>${name}</b><br>${measures(original)}</span>
<span>${photo.cutOut ? html`<b>cut out</b><br>${measures(photo.cutOut)}` : html`<b>failed</b>`}</span>
</figcaption>
</figure>
`;
}

function after({ cutOut, error, picture: made }: GalleryPhoto, title: string): Html {
  if (cutOut) {
    const whole = made?.subjectFound === false ? html`<p class="hint">no subject was found</p>` : '';
    return html`<a class="after" href="${cutOut.path}">${picture(cutOut, `${title}, cut out`)}${whole}</a>`;
  }
  return html`<div class="after none"><strong>${error?.code ?? 'PENDING'}</strong><p>${error?.message ?? ''}</p></div>`;
}

function picture({ path, width, height }: Saved, description: string): Html {
  return html`<img src="${path}" width="${width}" height="${height}" alt="${description}" loading="lazy">`;
}

function measures({ width, height, bytes }: Saved): string {
  return `${width} × ${height} · ${Math.ceil(bytes / 1024)} KB`;
}

function seconds(value: number): string {
  return `${value.toFixed(1)} s`;
}
