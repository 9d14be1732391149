/** Products to wear and carry: shoe, bag, headphones, camera, watch. */
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
  shade,
  slope,
} from './draw.ts';

export function shoe(colour: string, accent: string): Drawing {
  const upper =
    'M 92 770 C 80 640 96 520 150 452 C 180 425 220 440 236 474 C 270 540 340 560 400 500 L 470 430 C 520 480 560 560 650 622 C 740 672 880 680 918 742 Q 934 780 924 800 L 96 800 Z';
  return {
    defs:
      slope('upper', colour, 0.4) +
      slope('sole', '#f3f1ec', 0.25) +
      slope('toe', shade(colour, -0.18), 0.3) +
      grain('mesh', 0.35, 0.35, 0.5, 4) +
      blur('soft', 12) +
      slope('tongue', accent, 0.3),
    body:
      path('M 372 520 C 380 430 420 380 470 372 C 510 368 520 400 500 452 L 440 540 Z', fill('tongue')) +
      `<g filter="url(#mesh)">${path(upper, fill('upper'))}</g>` +
      path(
        'M 690 650 C 780 672 884 684 918 742 Q 934 780 924 800 L 740 800 C 770 740 750 690 690 650 Z',
        fill('toe'),
      ) +
      path(
        'M 92 770 C 80 640 96 520 150 452 C 180 425 220 440 232 470 C 250 560 250 690 236 800 L 96 800 Z',
        fill('toe'),
      ) +
      path('M 300 800 C 420 780 540 700 600 596 L 650 624 C 600 720 480 800 420 802 Z', `fill="${accent}"`) +
      path('M 150 452 C 180 425 220 440 236 474 C 270 540 340 560 400 500', line(shade(colour, -0.5), 14)) +
      [0, 1, 2, 3]
        .map((row) => {
          const [x, y] = [430 + row * 52, 486 + row * 38];
          return (
            path(`M ${x - 44} ${y + 34} Q ${x + 4} ${y - 26} ${x + 34} ${y + 4}`, line('#ffffff', 17)) +
            path(`M ${x - 44} ${y + 38} Q ${x + 4} ${y - 18} ${x + 34} ${y + 8}`, line('#b9b4aa', 4))
          );
        })
        .join('') +
      path(
        'M 84 786 Q 500 824 936 778 Q 956 830 916 884 Q 880 902 700 898 L 180 906 Q 96 904 84 850 Z',
        fill('sole'),
      ) +
      path('M 90 842 Q 500 872 934 836', line('#c4beb2', 8)) +
      path('M 110 898 Q 500 914 900 888', line('#5a564f', 16)) +
      path(
        'M 250 640 C 300 680 330 700 360 706',
        line(shade(colour, 0.5), 8, 'opacity="0.6" stroke-dasharray="14 12"'),
      ) +
      path('M 130 520 Q 112 620 120 740', line('#ffffff', 18, 'opacity="0.35" filter="url(#soft)"')),
    foot: { x: 510, y: 895, rx: 420 },
  };
}

export function bag(colour: string, metal: string): Drawing {
  return {
    defs:
      slope('body', colour, 0.4) +
      slope('flap', shade(colour, 0.06), 0.34) +
      grain('leather', 0.12, 0.12, 0.45, 7) +
      blur('soft', 14) +
      slope('side', shade(colour, -0.4), 0.3) +
      ball('metal', metal),
    body:
      path('M 330 440 C 320 90 680 90 670 440', line(shade(colour, -0.45), 46)) +
      path('M 330 440 C 320 100 680 100 670 440', line(shade(colour, -0.1), 28)) +
      `<g filter="url(#leather)">${path('M 210 400 L 790 400 L 880 880 Q 882 940 820 944 L 180 944 Q 118 940 120 880 Z', fill('body'))}` +
      `${path('M 790 400 L 880 880 Q 882 940 820 944 L 770 944 L 720 400 Z', fill('side'))}` +
      `${path('M 200 392 L 800 392 L 836 610 Q 700 706 500 712 Q 300 706 164 610 Z', fill('flap'))}</g>` +
      path(
        'M 180 606 Q 320 686 500 692 Q 680 686 820 606',
        line(shade(colour, 0.4), 6, 'stroke-dasharray="16 12" opacity="0.8"'),
      ) +
      path('M 164 612 Q 300 708 500 714 Q 700 708 836 612', line(shade(colour, -0.55), 9)) +
      path('M 150 900 L 850 900', line(shade(colour, 0.35), 5, 'stroke-dasharray="16 12" opacity="0.7"')) +
      box(440, 640, 120, 130, 18, fill('metal')) +
      box(472, 676, 56, 58, 10, `fill="${shade(metal, -0.5)}"`) +
      ellipse(330, 434, 34, 34, fill('metal')) +
      ellipse(670, 434, 34, 34, fill('metal')) +
      path('M 240 430 L 205 600', line('#ffffff', 34, 'opacity="0.28" filter="url(#soft)"')),
    foot: { x: 500, y: 930, rx: 380 },
  };
}

export function headphones(colour: string, accent: string): Drawing {
  const cup = (x: number, turn: number) =>
    `<g transform="translate(${x} 660) rotate(${turn})">` +
    ellipse(turn < 0 ? 34 : -34, 0, 92, 190, 'fill="#1f2024"') +
    ellipse(turn < 0 ? 22 : -22, 0, 88, 178, 'fill="#34363c"') +
    ellipse(0, 0, 104, 186, fill('cup')) +
    ellipse(turn < 0 ? -12 : 12, 0, 66, 128, `fill="none" stroke="${accent}" stroke-width="14"`) +
    ellipse(turn < 0 ? -14 : 14, 0, 40, 84, fill('cap')) +
    '</g>';
  const band = 'M 230 560 C 190 40 810 40 770 560';
  return {
    defs: ball('cup', colour) + ball('cap', accent) + blur('soft', 9),
    body:
      path(band, line(shade(colour, -0.5), 84)) +
      path(band, line(shade(colour, -0.05), 62)) +
      path('M 256 470 C 250 110 750 110 744 470', line('#2a2b30', 34)) +
      path('M 262 300 C 330 120 560 100 640 160', line('#ffffff', 13, 'opacity="0.55" filter="url(#soft)"')) +
      box(196, 470, 60, 120, 16, `fill="${shade(accent, -0.2)}"`) +
      box(744, 470, 60, 120, 16, `fill="${shade(accent, -0.35)}"`) +
      cup(240, -8) +
      cup(760, 8),
    foot: { x: 500, y: 845, rx: 350 },
  };
}

export function camera(colour: string, trim: string): Drawing {
  const ring = (r: number, paint: string) => `<circle cx="520" cy="600" r="${r}" ${paint}/>`;
  const ribs = Array.from(
    { length: 36 },
    (_, at) =>
      `<path d="M 520 392 V 418" transform="rotate(${at * 10} 520 600)" stroke="#55585e" stroke-width="9"/>`,
  );
  return {
    defs:
      slope('body', colour, 0.35) +
      slope('top', trim, 0.4) +
      grain('leather', 0.25, 0.25, 0.7, 2) +
      ball('glass', '#31466e') +
      ball('ring', '#3a3c41') +
      blur('soft', 8) +
      cylinder('dial', trim, 690, 830),
    body:
      box(700, 282, 120, 70, 10, fill('dial')) +
      box(180, 296, 90, 54, 12, fill('dial')) +
      path('M 380 350 L 420 232 Q 426 216 446 216 L 594 216 Q 614 216 620 232 L 660 350 Z', fill('top')) +
      box(100, 336, 800, 540, 56, fill('top')) +
      `<g filter="url(#leather)">${box(100, 430, 800, 330, 8, fill('body'))}</g>` +
      path('M 100 430 H 900 M 100 760 H 900', line(shade(trim, -0.45), 7)) +
      box(456, 252, 128, 60, 12, 'fill="#1d1f24"') +
      box(748, 462, 96, 60, 12, `fill="${shade(trim, 0.5)}"`) +
      `<circle cx="180" cy="480" r="26" fill="#c23b2e"/>` +
      ring(238, 'fill="#15161a"') +
      ring(226, fill('ring')) +
      ribs.join('') +
      ring(176, 'fill="#101114"') +
      ring(164, `fill="none" stroke="${shade(trim, 0.1)}" stroke-width="7"`) +
      ring(132, fill('glass')) +
      ring(74, 'fill="#0c1326" opacity="0.85"') +
      ellipse(
        470,
        540,
        44,
        26,
        'fill="#cfe3ff" opacity="0.75" transform="rotate(-40 470 540)" filter="url(#soft)"',
      ) +
      ellipse(
        572,
        664,
        24,
        14,
        'fill="#a47ae0" opacity="0.7" transform="rotate(-40 572 664)" filter="url(#soft)"',
      ) +
      path('M 150 360 H 370', line('#ffffff', 12, 'opacity="0.4" filter="url(#soft)"')),
    foot: { x: 500, y: 866, rx: 400 },
  };
}

export function watch(strap: string, metal: string, face: string): Drawing {
  const ticks = Array.from(
    { length: 12 },
    (_, at) =>
      `<path d="M 500 322 V ${at % 3 === 0 ? 366 : 346}" transform="rotate(${at * 30} 500 500)" stroke="${metal}" stroke-width="${at % 3 === 0 ? 16 : 9}" stroke-linecap="round"/>`,
  );
  return {
    defs:
      cylinder('strap', strap, 370, 630) +
      ball('case', metal) +
      ball('face', face) +
      grain('leather', 0.2, 0.2, 0.45, 6) +
      blur('soft', 8) +
      cylinder('crown', metal, 740, 790),
    body:
      `<g filter="url(#leather)">${path('M 400 330 L 420 40 Q 424 20 446 20 L 554 20 Q 576 20 580 40 L 600 330 Z', fill('strap'))}` +
      `${path('M 400 670 L 424 962 Q 428 984 448 984 L 552 984 Q 572 984 576 962 L 600 670 Z', fill('strap'))}</g>` +
      path(
        'M 432 60 L 416 300 M 568 60 L 584 300 M 416 700 L 436 950 M 584 700 L 564 950',
        line(shade(strap, 0.45), 6, 'stroke-dasharray="16 12"'),
      ) +
      [780, 840, 900].map((y) => ellipse(500, y, 12, 15, `fill="${shade(strap, -0.6)}"`)).join('') +
      box(738, 466, 54, 68, 12, fill('crown')) +
      path(
        'M 392 300 L 420 240 H 580 L 608 300 Z M 392 700 L 420 760 H 580 L 608 700 Z',
        `fill="${shade(metal, -0.25)}"`,
      ) +
      `<circle cx="500" cy="500" r="246" fill="${shade(metal, -0.45)}"/><circle cx="500" cy="500" r="238" ${fill('case')}/>` +
      `<circle cx="500" cy="500" r="204" fill="${shade(metal, -0.5)}"/><circle cx="500" cy="500" r="196" ${fill('face')}/>` +
      ticks.join('') +
      `<circle cx="500" cy="590" r="46" fill="${shade(face, -0.25)}" stroke="${metal}" stroke-width="5"/>` +
      path('M 500 500 L 414 432', line(metal, 20)) +
      path('M 500 500 L 560 356', line(metal, 13)) +
      path('M 500 540 L 500 340', line('#d8432f', 6)) +
      `<circle cx="500" cy="500" r="16" fill="${shade(metal, 0.2)}"/>` +
      path('M 350 440 Q 390 350 480 322', line('#ffffff', 26, 'opacity="0.35" filter="url(#soft)"')),
    foot: { x: 500, y: 500, rx: 250 },
    flat: true,
  };
}
