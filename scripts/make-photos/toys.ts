/** Toys: bear, duck, robot. */
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

export function bear(colour: string, scarf: string, random: Random): Drawing {
  const limb = (cx: number, cy: number, rx: number, ry: number, turn: number, id = 'fur') =>
    ellipse(cx, cy, rx, ry, `${fill(id)} transform="rotate(${turn} ${cx} ${cy})"`);
  return {
    defs:
      ball('fur', colour) +
      ball('pale', shade(colour, 0.45)) +
      grain('fluff', 0.11, 0.13, 0.55, Math.floor(random() * 90)) +
      ball('nose', '#2b1c14') +
      slope('scarf', scarf, 0.3),
    body:
      `<g filter="url(#fluff)">` +
      limb(318, 186, 88, 88, 0) +
      limb(682, 186, 88, 88, 0) +
      limb(318, 190, 48, 50, 0, 'pale') +
      limb(682, 190, 48, 50, 0, 'pale') +
      limb(240, 620, 84, 176, 24) +
      limb(760, 620, 84, 176, -24) +
      limb(500, 700, 236, 250, 0) +
      limb(500, 730, 146, 170, 0, 'pale') +
      limb(300, 878, 122, 100, -14) +
      limb(700, 878, 122, 100, 14) +
      limb(282, 882, 70, 62, 0, 'pale') +
      limb(718, 882, 70, 62, 0, 'pale') +
      limb(500, 320, 244, 218, 0) +
      limb(500, 390, 112, 88, 0, 'pale') +
      '</g>' +
      path('M 330 494 Q 500 580 670 494 L 688 552 Q 500 648 312 552 Z', fill('scarf')) +
      path('M 590 570 L 652 556 L 690 742 L 612 758 Z', fill('scarf')) +
      path('M 606 700 L 682 686', line(shade(scarf, 0.5), 10)) +
      ellipse(404, 292, 28, 32, 'fill="#1b1411"') +
      ellipse(596, 292, 28, 32, 'fill="#1b1411"') +
      ellipse(394, 282, 9, 10, 'fill="#ffffff"') +
      ellipse(586, 282, 9, 10, 'fill="#ffffff"') +
      ellipse(500, 362, 46, 32, fill('nose')) +
      path('M 500 394 V 420 Q 470 452 436 432 M 500 420 Q 530 452 564 432', line('#2b1c14', 9)),
    foot: { x: 500, y: 945, rx: 340 },
  };
}

export function duck(colour: string): Drawing {
  return {
    defs:
      ball('body', colour) +
      ball('head', shade(colour, 0.08)) +
      slope('bill', '#ee7a24', 0.35) +
      slope('wing', shade(colour, -0.12), 0.3) +
      blur('soft', 14),
    body:
      path(
        'M 130 560 C 190 620 260 600 330 560 C 480 500 700 520 820 610 C 900 680 880 860 760 916 Q 520 960 300 912 C 170 860 110 720 130 560 Z',
        fill('body'),
      ) +
      `<circle cx="640" cy="360" r="222" ${fill('head')}/>` +
      path('M 826 330 C 900 320 960 350 978 390 C 950 440 880 450 812 440 Z', fill('bill')) +
      path('M 822 392 Q 900 400 972 392', line('#a84a10', 7)) +
      path(
        'M 290 660 C 380 600 560 620 620 690 C 600 800 440 850 330 800 C 280 770 270 700 290 660 Z',
        fill('wing'),
      ) +
      path('M 350 756 Q 450 800 570 750 M 330 716 Q 450 756 596 706', line(shade(colour, -0.35), 8)) +
      ellipse(716, 318, 32, 40, 'fill="#17130f"') +
      ellipse(726, 302, 10, 12, 'fill="#ffffff"') +
      path('M 500 250 Q 560 180 640 172', line('#ffffff', 34, 'opacity="0.5" filter="url(#soft)"')),
    foot: { x: 520, y: 920, rx: 330 },
  };
}

export function robot(colour: string, accent: string): Drawing {
  return {
    defs:
      slope('metal', colour, 0.35) +
      cylinder('limb', shade(colour, -0.2), 0, 1000) +
      ball('eye', accent) +
      slope('panel', accent, 0.3) +
      ball('joint', '#5c6168') +
      blur('soft', 10),
    body:
      path('M 500 60 V 140', line('#5c6168', 16)) +
      `<circle cx="500" cy="52" r="32" fill="#d8432f"/>` +
      path(
        'M 240 520 C 160 560 150 660 170 740 M 760 520 C 840 560 850 660 830 740',
        line(shade(colour, -0.35), 62),
      ) +
      `<circle cx="168" cy="766" r="54" ${fill('joint')}/><circle cx="832" cy="766" r="54" ${fill('joint')}/>` +
      box(320, 790, 120, 150, 24, `fill="${shade(colour, -0.35)}"`) +
      box(560, 790, 120, 150, 24, `fill="${shade(colour, -0.45)}"`) +
      box(284, 896, 176, 64, 26, `fill="${shade(accent, -0.2)}"`) +
      box(540, 896, 176, 64, 26, `fill="${shade(accent, -0.35)}"`) +
      box(250, 460, 500, 370, 50, fill('metal')) +
      box(270, 130, 460, 300, 64, fill('metal')) +
      box(440, 420, 120, 60, 8, 'fill="#5c6168"') +
      box(316, 188, 368, 140, 60, 'fill="#1d2126"') +
      `<circle cx="408" cy="258" r="46" ${fill('eye')}/><circle cx="592" cy="258" r="46" ${fill('eye')}/>` +
      path('M 410 372 H 590', line(shade(colour, -0.55), 18, 'stroke-dasharray="8 26"')) +
      box(320, 530, 360, 150, 26, fill('panel')) +
      [390, 470, 550, 630].map((x) => `<circle cx="${x - 10}" cy="605" r="24" fill="#fff3cf"/>`).join('') +
      path('M 340 740 H 660', line(shade(colour, -0.45), 14)) +
      path('M 290 190 Q 296 160 330 152', line('#ffffff', 18, 'opacity="0.6" filter="url(#soft)"')),
    foot: { x: 500, y: 945, rx: 240 },
  };
}
