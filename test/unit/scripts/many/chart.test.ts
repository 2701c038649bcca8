/** The drawing of storms: what is counted in which second, and that a drawing says it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Panel } from '../../../../scripts/many/chart.ts';
import { perSecond, spark, svg } from '../../../../scripts/many/chart.ts';

const panel = (over: Partial<Panel>): Panel => ({ title: 'a', note: 'b', times: [], bound: null, ...over });

describe('attempts per second', () => {
  it('are counted in the second in which they began; later ones than are watched are left out', () =>
    assert.deepEqual(perSecond([0, 999, 1000, 2500, 3000], 3), [2, 1, 1]));

  it('as text: one character a part of the time, as high as its busiest second', () => {
    assert.equal(spark([0, 2000, 2001, 2002, 2003, 2004, 2005, 2006], 4, 7), '▃ █');
    assert.equal(spark([], 4, 7), '');
  });

  it('as a drawing: a panel for each storm, a bar for each second that had any, the bound where one is promised', () => {
    const drawing = svg(
      [[panel({ title: 'first', times: [0, 1500, 1600], bound: 4 }), panel({ title: 'second' })]],
      10,
      'All',
    );
    assert.match(drawing, /^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" viewBox="0 0 720 252"/);
    assert.deepEqual(
      drawing.match(/class="title"[^>]*>([^<]+)/g)?.map((text) => text.split('>')[1]),
      ['All', 'first', 'second'],
    );
    const bars = [...drawing.matchAll(/class="bar" d="([^"]*)"/g)].map(([, path = '']) => path.split('Z').length - 1);
    assert.deepEqual(bars, [2, 0]);
    assert.deepEqual(drawing.match(/bound 4|class="bound"/g)?.length, 2);
  });
});
