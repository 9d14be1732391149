import { hex, pick, type Random, whole } from '../physics/chance.ts';
import { city, industry, month, slug, title } from './words.ts';

/** Whom a query is about. */
export interface Company {
  name: string;
  domain: string;
}

/** Words that people add to a company's name, and that belong to no name. */
const filler =
  /\b(site|company|news|linkedin|about|founder|ceo|funding|pricing|reviews?|latest|what|is|the)\b:?/gi;

/** The company that a query names, by its domain if there is one. */
export function companyOf(query: string): Company {
  const domain = /\b((?:[a-z0-9-]+\.)+[a-z]{2,})\b/i.exec(query)?.[1]?.toLowerCase();
  if (domain !== undefined) {
    const bare = domain.replace(/^www\./, '');
    return { name: title(bare.split('.')[0] ?? bare), domain: bare };
  }
  const quoted = /"([^"]+)"/.exec(query)?.[1];
  const name = quoted ?? (query.replace(filler, ' ').replace(/\s+/g, ' ').trim() || query.trim());
  return { name: title(name), domain: `${slug(name).slice(0, 60)}.com` };
}

/** What a search engine finds about a company: the answer's parts but for the parameters and the price. */
export function searchResults({ name, domain }: Company, count: number, random: Random) {
  const what = industry(random);
  const where = city(random);
  const founded = whole(random, 1985, 2022);
  const handle = slug(name);
  const sources = [
    {
      title: `${name} | ${title(what)}`,
      link: `https://${domain}/`,
      about: `${name} builds ${what} in ${where}.`,
    },
    { title: `About ${name}`, link: `https://${domain}/about`, about: `Founded in ${founded} in ${where}.` },
    {
      title: `${name} - LinkedIn`,
      link: `https://www.linkedin.com/company/${handle}`,
      about: `${title(what)}.`,
    },
    {
      title: `Careers at ${name}`,
      link: `https://${domain}/careers`,
      about: `${whole(random, 2, 60)} open positions.`,
    },
    {
      title: `${name} raises funding`,
      link: `https://news.example.com/${handle}`,
      about: 'A new round, say sources.',
    },
    { title: `${name} reviews`, link: `https://reviews.example.org/${handle}`, about: 'What customers say.' },
  ];
  const organic = Array.from({ length: count }, (_, index) => {
    const { title, link, about } = sources[index] ?? {
      title: `${name}: ${pick(random, ['press release', 'case study', 'interview', 'market report'])}`,
      link: `https://archive.example.net/${handle}/${hex(random, 8)}`,
      about: `${name} was mentioned together with ${what}.`,
    };
    const date = index >= 4 && {
      date: `${month(random)} ${whole(random, 1, 28)}, ${whole(random, 2023, 2025)}`,
    };
    const snippet = `${about} ${name} has ${whole(random, 10, 5000)} employees and customers in many countries.`;
    return { title, link, snippet, ...date, position: index + 1 };
  });
  return {
    knowledgeGraph: {
      title: name,
      type: 'Company',
      website: `https://${domain}/`,
      description: `${name} is a provider of ${what} with headquarters in ${where}.`,
      attributes: { Founded: String(founded), Headquarters: where },
    },
    organic,
    peopleAlsoAsk: [
      {
        question: `What does ${name} do?`,
        snippet: `${name} builds ${what}.`,
        title: `About ${name}`,
        link: `https://${domain}/about`,
      },
    ],
    relatedSearches: [
      { query: `${name.toLowerCase()} careers` },
      { query: `${name.toLowerCase()} competitors` },
    ],
  };
}
