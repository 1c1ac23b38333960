// kafka-delete-records: what lies before an offset goes (org.apache.kafka.tools.DeleteRecordsCommand).
import { ClientError, type DeleteBefore } from '../../client/index.ts';
import { print, type ToolIo } from '../tool-io.ts';
import { loadProperties, readText } from './client-config.ts';
import { JavaError, thrownText } from './java-error.ts';
import { hashOrderOfPlaces, placeText } from './java-order.ts';
import { asArray, asInteger, asLong, asObject, asText, field, parseJson } from './json-input.ts';
import { withAdmin } from './open-admin.ts';
import { CommandOptions } from './options/command-options.ts';
import { valued } from './options/option.ts';
import { toolWithTrace } from './run-tool.ts';

const OPTIONS = {
  bootstrapServer: valued('bootstrap-server', 'REQUIRED: The server to connect to.', {
    name: 'server(s) to use for bootstrapping',
  }),
  offsetJsonFile: valued(
    'offset-json-file',
    'REQUIRED: The JSON file with offset per partition. The format to use is:\n{"partitions":\n  [{"topic": "foo", "partition": 1, "offset": 1}],\n "version":1\n}',
    { name: 'Offset json file path' },
  ),
  commandConfig: valued('command-config', 'A property file containing configs to be passed to Admin Client.', {
    name: 'command config property file path',
  }),
};

export const deleteRecords = toolWithTrace(async (args, io) => {
  const options = new CommandOptions(io, args, OPTIONS);
  options.maybePrintHelpOrVersion(
    'This tool helps to delete records of the given partitions down to the specified offset.',
  );
  options.checkRequired(OPTIONS.bootstrapServer, OPTIONS.offsetJsonFile);
  const properties = loadProperties(io, options.valueOf(OPTIONS.commandConfig));
  const places = placesIn(readText(io, options.required(OPTIONS.offsetJsonFile)));
  await remove(io, { bootstrapServers: options.required(OPTIONS.bootstrapServer), properties }, places);
});

/** Throws JavaError. */
function placesIn(text: string): DeleteBefore[] {
  const json = parseJson(text);
  if (json === undefined) throw operationError('The input string is not a valid JSON');
  const object = asObject(json);
  const version = 'version' in object ? asInteger(object['version']) : 1;
  if (version !== 1) throw operationError(`Not supported version field value ${version}`);
  if (!('partitions' in object)) throw operationError('Missing partitions field');
  const places = asArray(object['partitions']).map((one): DeleteBefore => {
    const item = asObject(one);
    const topic = asText(field(item, 'topic'));
    const partition = asInteger(field(item, 'partition'));
    return { topic, partition, beforeOffset: asLong(field(item, 'offset')) };
  });
  const seen = new Map(places.map((place) => [placeText(place), place]));
  const repeated = hashOrderOfPlaces(seen.values()).filter(
    (place) => places.filter((other) => placeText(other) === placeText(place)).length > 1,
  );
  if (repeated.length === 0) return hashOrderOfPlaces(places);
  const message = `Offset json file contains duplicate topic partitions: ${repeated.map(placeText).join(',')}`;
  throw new JavaError('org.apache.kafka.tools.AdminCommandFailedException', message);
}

const operationError = (message: string): JavaError =>
  new JavaError('org.apache.kafka.tools.AdminOperationException', message);

async function remove(
  io: ToolIo,
  target: Parameters<typeof withAdmin>[1],
  places: readonly DeleteBefore[],
): Promise<void> {
  await withAdmin(io, target, async (admin) => {
    print(io, 'Executing records delete operation');
    const outcomes = await admin.deleteRecords(places);
    print(io, 'Records delete operation completed:');
    for (const { result, ...place } of outcomes) {
      const told =
        result instanceof ClientError ? `error: ${thrownText(result)}` : `low_watermark: ${result.lowWatermark}`;
      print(io, `partition: ${placeText(place)}\t${told}`);
    }
  });
}
