import { expect } from 'chai';
import { alteredList, ConfigOperation } from '../../../../src/kraft/controller/index.ts';

describe('lists in IncrementalAlterConfigs', () => {
  it('take each new item once, at the end', () => {
    expect(alteredList('delete', ConfigOperation.APPEND, 'compact,delete,compact')).to.equal('delete,compact');
    expect(alteredList('', ConfigOperation.APPEND, 'compact')).to.equal('compact');
  });

  it('lose what is named, and nothing when it is not there', () => {
    expect(alteredList('a,b,c', ConfigOperation.SUBTRACT, 'b,d')).to.equal('a,c');
    expect(alteredList('a', ConfigOperation.SUBTRACT, 'a')).to.equal('');
  });
});
