/** Products for the home: mug, bottle, kettle, lamp, chair, plant, book. */
import {
  ball,
  blur,
  box,
  cylinder,
  type Drawing,
  ellipse,
  fill,
  grain,
  line,
  path,
  type Random,
  shade,
  slope,
} from './draw.ts';

export function mug(colour: string, accent: string): Drawing {
  const handle = 'M 700 420 C 900 400 900 760 680 740';
  return {
    defs:
      cylinder('body', colour, 260, 720) +
      cylinder('band', accent, 260, 720) +
      slope('inside', shade(colour, -0.35)) +
      ball('coffee', '#5a3620') +
      blur('soft', 9),
    body:
      path(handle, line(shade(colour, -0.38), 78)) +
      path(handle, line(shade(colour, -0.08), 58)) +
      path('M 712 400 C 890 395 890 700 720 720', line(shade(colour, 0.3), 14, 'opacity="0.6"')) +
      path('M 260 300 L 284 880 Q 290 950 490 952 Q 690 950 696 880 L 720 300 Z', fill('body')) +
      path('M 270 540 L 278 720 Q 490 770 702 720 L 710 540 Q 490 592 270 540 Z', fill('band')) +
      path('M 276 690 Q 490 740 704 690', line(shade(accent, 0.45), 8)) +
      path('M 271 566 Q 490 618 709 566', line(shade(accent, 0.45), 8)) +
      ellipse(490, 300, 230, 62, `fill="${shade(colour, 0.25)}"`) +
      ellipse(490, 303, 208, 50, fill('inside')) +
      ellipse(490, 322, 180, 33, fill('coffee')) +
      path('M 352 380 L 366 850', line('#ffffff', 26, 'opacity="0.4" filter="url(#soft)"')),
    foot: { x: 490, y: 930, rx: 215 },
  };
}

export function bottle(colour: string, label: string): Drawing {
  const glass =
    'M 440 90 L 440 300 C 440 380 345 400 345 500 L 345 900 Q 345 955 500 956 Q 655 955 655 900 L 655 500 C 655 400 560 380 560 300 L 560 90 Z';
  return {
    defs:
      cylinder('glass', colour, 345, 655) +
      cylinder('label', label, 345, 655) +
      cylinder('cap', '#b08a3c', 430, 570) +
      blur('soft', 8),
    body:
      path(glass, fill('glass')) +
      box(430, 52, 140, 96, 14, fill('cap')) +
      path('M 430 126 H 570', line('#6b5220', 7)) +
      path('M 345 560 Q 500 590 655 560 L 655 830 Q 500 860 345 830 Z', fill('label')) +
      path('M 385 625 Q 500 646 615 625', line(shade(colour, -0.2), 16)) +
      path('M 415 672 Q 500 688 585 672', line(shade(colour, -0.1), 8)) +
      ellipse(500, 750, 52, 46, `fill="${shade(colour, 0.1)}" opacity="0.85"`) +
      path('M 470 760 L 500 716 L 530 760 Z', `fill="${shade(label, 0.4)}"`) +
      path('M 392 470 Q 380 500 382 880', line('#ffffff', 20, 'opacity="0.5" filter="url(#soft)"')) +
      path('M 462 170 L 462 300', line('#ffffff', 14, 'opacity="0.5" filter="url(#soft)"')),
    foot: { x: 500, y: 935, rx: 160 },
  };
}

export function kettle(colour: string, handle: string): Drawing {
  return {
    defs:
      cylinder('body', colour, 220, 760) +
      cylinder('lid', shade(colour, 0.1), 340, 640) +
      slope('spout', colour, 0.4) +
      ball('knob', handle) +
      blur('soft', 12),
    body:
      path('M 330 350 C 300 90 690 90 660 350', line(shade(handle, -0.25), 62)) +
      path('M 330 350 C 300 100 690 100 660 350', line(handle, 40)) +
      path('M 346 250 C 370 150 610 140 640 240', line(shade(handle, 0.35), 10, 'opacity="0.7"')) +
      path('M 700 560 C 790 540 800 420 860 340 L 930 372 C 890 480 860 690 700 760 Z', fill('spout')) +
      path('M 858 338 L 932 372', line(shade(colour, -0.5), 16)) +
      path(
        'M 340 350 C 240 420 205 640 215 830 Q 220 950 490 952 Q 760 950 765 830 C 775 640 740 420 650 350 Z',
        fill('body'),
      ) +
      path('M 218 860 Q 490 925 762 860', line(shade(colour, -0.45), 10)) +
      ellipse(495, 352, 156, 36, fill('lid')) +
      ellipse(495, 345, 130, 26, `fill="${shade(colour, -0.3)}" opacity="0.5"`) +
      ellipse(495, 318, 40, 36, fill('knob')) +
      path('M 310 470 Q 270 640 290 830', line('#ffffff', 36, 'opacity="0.45" filter="url(#soft)"')),
    foot: { x: 490, y: 930, rx: 275 },
  };
}

export function lamp(colour: string, base: string): Drawing {
  return {
    defs:
      `<linearGradient id="glow" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="${shade(colour, -0.2)}"/><stop offset="0.55" stop-color="${shade(colour, 0.35)}"/><stop offset="1" stop-color="${shade(colour, 0.65)}"/></linearGradient>` +
      cylinder('side', '#808080', 200, 800) +
      cylinder('stem', base, 472, 528) +
      ball('belly', base) +
      cylinder('foot', base, 350, 650) +
      grain('cloth', 0.9, 0.04, 0.3, 5),
    body:
      box(478, 440, 44, 300, 8, fill('stem')) +
      ellipse(500, 770, 100, 118, fill('belly')) +
      path('M 350 900 Q 500 850 650 900 L 650 932 Q 500 972 350 932 Z', fill('foot')) +
      `<g filter="url(#cloth)">${path('M 345 70 L 655 70 L 800 470 Q 500 520 200 470 Z', fill('glow'))}</g>` +
      path('M 345 70 L 655 70 L 800 470 Q 500 520 200 470 Z', `${fill('side')} opacity="0.28"`) +
      path('M 345 72 Q 500 90 655 72', line(shade(colour, -0.45), 12)) +
      path('M 203 468 Q 500 518 797 468', line(shade(colour, -0.35), 14)),
    foot: { x: 500, y: 930, rx: 160 },
  };
}

export function chair(wood: string, cloth: string): Drawing {
  const leg = (x1: number, y1: number, x2: number, y2: number, width: number, tone: number) =>
    path(`M ${x1} ${y1} L ${x2} ${y2}`, line(shade(wood, tone), width));
  return {
    defs:
      slope('back', cloth, 0.35) +
      slope('seat', shade(cloth, 0.08), 0.25) +
      grain('weave', 0.5, 0.5, 0.5, 9) +
      slope('front', shade(cloth, -0.3), 0.3) +
      blur('soft', 10),
    body:
      leg(360, 600, 330, 860, 34, -0.5) +
      leg(690, 600, 745, 850, 34, -0.5) +
      leg(345, 720, 730, 716, 18, -0.55) +
      leg(318, 100, 352, 560, 40, -0.12) +
      leg(676, 92, 664, 560, 40, -0.3) +
      `<g filter="url(#weave)">${path('M 312 84 Q 498 40 686 78 Q 700 230 676 380 Q 500 412 330 388 Q 306 230 312 84 Z', fill('back'))}` +
      `${path('M 300 556 Q 500 520 706 552 L 772 668 Q 500 716 228 676 Z', fill('seat'))}` +
      `${path('M 228 676 Q 500 716 772 668 L 770 716 Q 500 770 232 724 Z', fill('front'))}</g>` +
      path('M 344 110 Q 498 74 654 106', line(shade(cloth, 0.4), 12, 'opacity="0.5" filter="url(#soft)"')) +
      leg(254, 726, 232, 950, 42, 0) +
      leg(246, 740, 226, 940, 12, 0.3) +
      leg(744, 722, 774, 946, 42, -0.22) +
      leg(240, 850, 764, 848, 20, -0.3),
    foot: { x: 510, y: 900, rx: 300 },
  };
}

export function plant(pot: string, leaf: string, random: Random): Drawing {
  let leaves = '';
  for (let index = 0; index < 26; index++) {
    const angle = -90 + ((index / 25) * 2 - 1) * 84 + (random() - 0.5) * 14;
    const length = 270 + random() * 190 - Math.abs(angle + 90) * 0.8;
    const tone = (index % 3) * 0.14 - 0.24 + random() * 0.1;
    const blade = `M 0 0 C ${length * 0.3} ${-length * 0.24} ${length * 0.75} ${-length * 0.2} ${length} 0 C ${length * 0.75} ${length * 0.13} ${length * 0.3} ${length * 0.16} 0 0 Z`;
    leaves +=
      `<g transform="translate(500 600) rotate(${angle.toFixed(1)})">` +
      path(blade, `fill="${shade(leaf, tone)}" stroke="${shade(leaf, tone - 0.2)}" stroke-width="3"`) +
      path(`M 0 0 L ${length * 0.94} 0`, line(shade(leaf, tone + 0.28), 5, 'opacity="0.7"')) +
      '</g>';
  }
  return {
    defs: cylinder('pot', pot, 310, 690) + cylinder('rim', shade(pot, 0.08), 290, 710) + blur('soft', 10),
    body:
      ellipse(500, 612, 180, 36, 'fill="#35261b"') +
      leaves +
      path('M 316 650 L 360 920 Q 366 956 500 957 Q 634 956 640 920 L 684 650 Z', fill('pot')) +
      path('M 292 604 Q 500 660 708 604 L 700 690 Q 500 742 300 690 Z', fill('rim')) +
      path('M 302 696 Q 500 746 698 696', line(shade(pot, -0.5), 10, 'opacity="0.6"')) +
      path('M 392 740 L 410 900', line('#ffffff', 24, 'opacity="0.3" filter="url(#soft)"')),
    foot: { x: 500, y: 935, rx: 160 },
  };
}

export function book(colour: string, accent: string): Drawing {
  return {
    defs:
      slope('cover', colour, 0.28) +
      slope('spine', shade(colour, -0.35), 0.3) +
      slope('pages', '#efe6d2', 0.15) +
      grain('cloth', 0.7, 0.7, 0.35, 3),
    body:
      path('M 306 150 L 390 96 L 812 142 L 742 196 Z', fill('pages')) +
      path('M 322 152 L 400 106 M 480 172 L 560 120 M 640 188 L 716 138', line('#cbbd9f', 4)) +
      `<g filter="url(#cloth)">${path('M 306 150 L 742 196 L 730 952 L 296 930 Z', fill('cover'))}` +
      `${path('M 306 150 L 296 930 L 226 872 L 240 108 Z', fill('spine'))}</g>` +
      path('M 240 108 L 306 150 L 742 196 L 812 142', line(shade(colour, -0.5), 8)) +
      path('M 364 232 L 690 264 L 680 880 L 356 864 Z', line(accent, 10)) +
      path('M 410 330 L 644 350 M 446 394 L 606 408', line(accent, 26)) +
      ellipse(520, 600, 100, 104, `fill="${accent}"`) +
      path(
        'M 520 520 L 545 580 L 606 588 L 560 628 L 574 690 L 520 656 L 468 688 L 480 628 L 436 584 L 496 578 Z',
        `fill="${shade(colour, -0.1)}"`,
      ) +
      path('M 440 790 L 604 800', line(accent, 14)) +
      path('M 244 300 L 300 340 M 242 360 L 300 400 M 236 780 L 298 826', line(accent, 10)),
    foot: { x: 500, y: 915, rx: 250 },
  };
}
