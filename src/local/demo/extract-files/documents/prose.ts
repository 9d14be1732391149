/** Sentences about an invented harbour, for the documents. */
const sentences = [
  'The harbour board approved the dredging budget for the northern channel.',
  'Pilots meet inbound vessels at the fairway buoy two miles off the breakwater.',
  'Ballast water treatment has to be recorded before the vessel enters the lock.',
  'The tide gauge at the outer pier was calibrated in the first week of the quarter.',
  'Container throughput rose while the number of port calls stayed the same.',
  'A mooring line that has parted is reported to the harbour master at once.',
  'The crane on berth four is out of service until the wire rope is renewed.',
  'Shore power is offered to every cruise ship that stays longer than four hours.',
  'The lock closes for maintenance during the neap tides in June.',
  'Waste reception fees are charged by gross tonnage and paid with the port dues.',
  'The rescue boat was launched twice, both times for sailing yachts in distress.',
  'Refrigerated cargo is inspected within an hour of its discharge.',
] as const;

/** `count` sentences; the same arguments give the same text. */
export function prose(count: number, seed: number): string {
  return Array.from(
    { length: count },
    (_, at) => sentences[(seed * 7 + at * 5 + ((seed + at) >> 2)) % sentences.length],
  ).join(' ');
}
