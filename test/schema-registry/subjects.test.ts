// Subjects and contexts by name, and contexts in a path.
import { expect } from 'chai';
import { withoutContextPath } from '../../src/schema-registry/http/context-path.ts';
import {
  besides,
  contextOf,
  isValidSubject,
  isWithin,
  normalSubject,
  prefixOfName,
} from '../../src/schema-registry/schemas/subjects.ts';

describe('Subjects', () => {
  it('lie in a context, which stands before them', () => {
    expect(['s', ':.c:s', ':.c:', ':.c', ':.:s', 'a:b'].map(contextOf)).to.deep.equal([
      '.',
      '.c',
      '.c',
      '.c',
      '.',
      '.',
    ]);
    expect([':.:s', ':.c:s', ':.c', 's'].map(normalSubject)).to.deep.equal(['s', ':.c:s', ':.c:', 's']);
    expect(['.c', 'c', ':.c:', '.', ''].map(prefixOfName)).to.deep.equal([':.c:', ':.c:', ':.c:', '', '']);
    expect(prefixOfName('a:b')).to.equal(undefined);
    expect(besides(':.c:s', 't')).to.equal(':.c:t');
    expect(besides(':.c:s', ':.d:t')).to.equal(':.d:t');
    expect(besides('s', 't')).to.equal('t');
  });

  it('are meant one by one, by context, or all together', () => {
    expect(isWithin(':.c:s', ':.c:')).to.equal(true);
    expect(isWithin('s', ':.c:')).to.equal(false);
    expect(isWithin('s', '')).to.equal(true);
    expect(isWithin(':.c:s', ':.__GLOBAL:')).to.equal(true);
    expect(isWithin('s', null)).to.equal(true);
  });

  it('cannot be called everything', () => {
    for (const name of ['', '*', '__GLOBAL', '__EMPTY', 'a\nb', ':.c:', ':.__GLOBAL:s', 'a\u0085'])
      expect(isValidSubject(name, false), JSON.stringify(name)).to.equal(false);
    for (const name of ['s', 'a/b c', ':.c:s', 'ü']) expect(isValidSubject(name, false)).to.equal(true);
    expect(isValidSubject(':.__GLOBAL:', true)).to.equal(true);
  });

  it('get the context that the path begins with', () => {
    const path = (from: string): string => {
      const { pathname, search } = new URL((withoutContextPath(new Request(`http://h${from}`)) as Request).url);
      return `${decodeURIComponent(pathname)}${decodeURIComponent(search)}`;
    };
    expect(path('/subjects/s/versions')).to.equal('/subjects/s/versions');
    expect(path('/contexts')).to.equal('/contexts');
    expect(path('/contexts/.c/subjects/s/versions/1')).to.equal('/subjects/:.c:s/versions/1');
    expect(path('/contexts/.c/subjects/:.d:s/versions')).to.equal('/subjects/:.d:s/versions');
    expect(path('/contexts/.c/compatibility/subjects/s/versions')).to.equal('/compatibility/subjects/:.c:s/versions');
    expect(path('/contexts/.c/config')).to.equal('/config/:.c:');
    expect(path('/contexts/.c/mode/s')).to.equal('/mode/:.c:s');
    expect(path('/contexts/.c/subjects')).to.equal('/subjects?subjectPrefix=:.c:');
    expect(path('/contexts/.c/schemas?subjectPrefix=a')).to.equal('/schemas?subjectPrefix=:.c:a');
    expect(path('/contexts/.c/schemas/ids/1?subject=s')).to.equal('/schemas/ids/1?subject=:.c:s');
    expect(path('/contexts/.c/schemas/types')).to.equal('/schemas/types');
    expect(path('/contexts/.c')).to.equal('/contexts/:.c:');
    expect(path('/contexts/:.:/subjects/s')).to.equal('/subjects/s');
    expect((withoutContextPath(new Request('http://h/contexts/a%3Ab/subjects')) as Response).status).to.equal(400);
  });
});
