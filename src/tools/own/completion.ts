// `ottla completion bash|zsh|fish`: scripts that complete nouns and verbs.
import { complain, type Tool } from '../tool-io.ts';
import type { Noun } from './command-frame.ts';

/** For these commands, with the verbs of those that have some. */
export const completion =
  (nouns: Readonly<Record<string, () => Promise<Noun>>>): Tool =>
  async (args, io) => {
    const [shell = '', ...more] = args;
    const script = SCRIPTS[shell];
    if (script === undefined || more.length > 0) {
      const isAsked = shell === '--help' || shell === '-h';
      const usage =
        'Usage: ottla completion bash|zsh|fish\n\n  bash  eval "$(ottla completion bash)"\n  zsh   eval "$(ottla completion zsh)"\n  fish  ottla completion fish | source';
      if (isAsked) io.stdout.write(`${usage}\n`);
      else complain(io, usage);
      return isAsked ? 0 : 1;
    }
    const known = Object.entries(nouns).map(async ([name, load]) => [name, (await load()).verbs ?? []] as const);
    const plain = ['start', 'dev', 'format', 'info', 'shims', 'version', 'help'].map((name) => [name, []] as const);
    io.stdout.write(script(Object.fromEntries([...plain, ...(await Promise.all(known))])));
    return 0;
  };

type Commands = Readonly<Record<string, readonly string[]>>;

function cases(commands: Commands, line: (name: string, verbs: string) => string): string {
  return Object.entries(commands)
    .filter(([, verbs]) => verbs.length > 0)
    .map(([name, verbs]) => line(name, verbs.join(' ')))
    .join('\n');
}

const SCRIPTS: Readonly<Record<string, (commands: Commands) => string>> = {
  bash: (commands) => `_ottla() {
  local word="\${COMP_WORDS[COMP_CWORD]}" words=""
  if [ "$COMP_CWORD" -eq 1 ]; then
    words="${Object.keys(commands).join(' ')}"
  elif [ "$COMP_CWORD" -eq 2 ]; then
    case "\${COMP_WORDS[1]}" in
${cases(commands, (name, verbs) => `      ${name}) words="${verbs}" ;;`)}
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -o default -F _ottla ottla
`,
  zsh: (commands) => `#compdef ottla
_ottla() {
  local -a found
  if (( CURRENT == 2 )); then
    found=(${Object.keys(commands).join(' ')})
  elif (( CURRENT == 3 )); then
    case "$words[2]" in
${cases(commands, (name, verbs) => `      ${name}) found=(${verbs}) ;;`)}
    esac
  fi
  compadd -a found
}
compdef _ottla ottla
`,
  fish: (commands) =>
    `complete -c ottla -f -n __fish_use_subcommand -a "${Object.keys(commands).join(' ')}"\n${cases(
      commands,
      (name, verbs) => `complete -c ottla -f -n "__fish_seen_subcommand_from ${name}" -a "${verbs}"`,
    )}\n`,
};
