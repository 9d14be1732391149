import { describe, expect, it } from 'vitest';
import { readAll, readValues, text, zip } from './files.ts';

describe('Files of another kind', () => {
  it.each([
    ['<!DOCTYPE html>\n<p>Log in</p>\n', 'rows.csv', 'NOT_ROWS', /is HTML/],
    ['\ufeff<table><tr><td>a</td></tr></table>\n', 'export.xls', 'NOT_ROWS', /is HTML/],
    ['<?xml version="1.0"?>\n<Workbook>\n</Workbook>\n', 'export.xls', 'NOT_ROWS', /is XML/],
    ['%PDF-1.4\n1 0 obj\n', 'rows.txt', 'NOT_ROWS', /is a PDF/],
    ['sep=:\na:b\n1:2\n', 'rows.csv', 'DELIMITER_NOT_ACCEPTED', /":" separates/],
  ])('%j is refused', async (content, name, code, message) => {
    await expect(readAll(text(content), { name })).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });

  it.each(['<html>,b\n1,2\n', '%PDF-1,b\n1,2\n'])(
    '%j is read as CSV if that was asked for',
    async (content) => {
      expect(await readValues(text(content), { format: 'csv' })).toHaveLength(1);
    },
  );

  it('says what other zips are', async () => {
    const told = async (...paths: string[]) =>
      expect(readAll(await zip(Object.fromEntries(paths.map((path) => [path, '<x/>']))))).rejects;
    await (await told('content.xml')).toMatchObject({
      message: 'The file is an OpenDocument file: save it as .xlsx',
    });
    await (await told('word/document.xml')).toMatchObject({
      message: 'The file is a Word document, and has no sheets',
    });
    await (await told('rows.csv')).toMatchObject({
      message: expect.stringContaining('a zip, but no Excel workbook'),
    });
  });
});
