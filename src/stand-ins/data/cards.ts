import { hex, type Random, whole } from '../physics/chance.ts';
import { adjective } from './words.ts';

/** Bytes that an answer has in the mean. */
const answerBytes = 35_000;

/** Yearly spending by category, in the currency's main unit. */
export type Spending = Readonly<Record<string, number>>;

/** Cards for a user, best first, in as much detail as makes about 35 KB of JSON. */
export function recommendCards(userId: string, spending: Spending, random: Random) {
  const cards: Card[] = [];
  const wanted = answerBytes * (0.95 + random() * 0.1);
  for (let bytes = 300; bytes < wanted; ) {
    const card = describeCard(spending, random);
    bytes += JSON.stringify(card).length + 10;
    cards.push(card);
  }
  const ranked = cards
    .sort((a, b) => b.netAnnualValue - a.netAnnualValue)
    .map((card, index) => ({ rank: index + 1, ...card }));
  const annualSpending = round(Object.values(spending).reduce((sum, amount) => sum + amount, 0));
  return { requestId: hex(random, 32), userId, currency: 'USD', annualSpending, recommendations: ranked };
}

type Card = ReturnType<typeof describeCard>;

function describeCard(spending: Spending, random: Random) {
  const name = `${adjective(random)} ${adjective(random)} ${['Cash', 'Travel', 'Rewards'][whole(random, 0, 2)]}`;
  const annualFee = whole(random, 0, 5) * 95;
  const rewards = Object.entries(spending).map(([category, amount]) => {
    const rate = whole(random, 2, 12) / 2;
    return { category, rate, annualRewards: round((amount * rate) / 100) };
  });
  const annualRewards = round(rewards.reduce((sum, reward) => sum + reward.annualRewards, 0));
  return {
    cardId: `card_${hex(random, 12)}`,
    name,
    issuer: `${adjective(random)} Bank`,
    network: ['visa', 'mastercard', 'amex'][whole(random, 0, 2)],
    annualFee,
    estimatedAnnualRewards: annualRewards,
    netAnnualValue: round(annualRewards - annualFee),
    rewards,
    signupBonus: {
      points: whole(random, 10, 90) * 1000,
      spendRequired: whole(random, 1, 8) * 500,
      months: 3,
    },
    apr: { from: whole(random, 1600, 2100) / 100, to: whole(random, 2400, 3000) / 100 },
    benefits: [
      `No foreign transaction fees when travelling with the ${name} card`,
      `Purchase protection for ${whole(random, 60, 180)} days against damage and theft, up to $10,000 per claim`,
      `Extended warranty of ${whole(random, 1, 2)} additional years on warranties of three years or less`,
    ],
    terms: `Offer ${hex(random, 6)}: see rates and fees. Terms apply. Approval is subject to credit history.`,
    applyUrl: `https://cards.example.com/apply/${hex(random, 24)}`,
  };
}

function round(amount: number): number {
  return Math.round(amount * 100) / 100;
}
