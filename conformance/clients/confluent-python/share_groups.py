"""Share groups (KIP-932) through the preview of a share consumer."""

from checks import check, same, unique, until
from confluent_kafka import AcknowledgeType, ShareConsumer
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, ResourceType
from records import made, produced


def share_group(bootstrap):
    """A group that begins with the oldest records."""
    group = unique("share")
    entry = ConfigEntry("share.auto.offset.reset", "earliest", incremental_operation=AlterConfigOpType.SET)
    resource = ConfigResource(ResourceType.GROUP, group, incremental_configs=[entry])
    admin = AdminClient({"bootstrap.servers": bootstrap})
    admin.incremental_alter_configs([resource])[resource].result(10)
    return group


def member(bootstrap, group, topic, **settings):
    one = ShareConsumer({"bootstrap.servers": bootstrap, "group.id": group, **settings})
    one.subscribe([topic])
    return one


def shared(members, count):
    """Polls the members in turn until they have so many records; what is polled is accepted by the next poll, or by closing."""
    values = []

    def enough():
        for one in members:
            values.extend(message.value() for message in one.poll(0.2) or [] if message.error() is None)
        return len(values) >= count

    until(enough, f"{count} records")
    return values


@check("share: every record once, to one of three members")
def three_members(bootstrap):
    topic, group = made(bootstrap), share_group(bootstrap)
    members = [member(bootstrap, group, topic) for _ in range(3)]
    values = [str(i).encode() for i in range(300)]
    for at in range(0, 300, 10):
        produced(bootstrap, topic, values[at : at + 10], partition=0)
    same(sorted(shared(members, 300)), sorted(values), "values")
    for one in members:
        one.close()


@check("share: what was accepted is not seen again")
def accepted(bootstrap):
    topic, group = made(bootstrap), share_group(bootstrap)
    produced(bootstrap, topic, [b"a", b"b"])
    first = member(bootstrap, group, topic)
    same(sorted(shared([first], 2)), [b"a", b"b"], "values")
    first.poll(0.2)
    first.close()
    produced(bootstrap, topic, [b"c"])
    second = member(bootstrap, group, topic)
    same(shared([second], 1), [b"c"], "the next member")
    second.close()


@check("share: released records come again and are counted, rejected ones do not come")
def explicit(bootstrap):
    topic, group = made(bootstrap), share_group(bootstrap)
    produced(bootstrap, topic, [b"accepted", b"released", b"rejected"], partition=0)
    ways = {b"accepted": AcknowledgeType.ACCEPT, b"released": AcknowledgeType.RELEASE, b"rejected": AcknowledgeType.REJECT}
    reader = member(bootstrap, group, topic, **{"share.acknowledgement.mode": "explicit"})
    first = []

    def all_seen():
        for message in reader.poll(0.2):
            first.append((message.value(), message.delivery_count()))
            reader.acknowledge(message, ways[message.value()])
        failures = [error for error in reader.commit_sync(10.0).values() if error is not None]
        same(failures, [], "failures of the commit")
        return len({value for value, _ in first}) == 3 and (b"released", 2) in first

    until(all_seen, "the second delivery of what was released")
    same([entry for entry in first if entry[0] != b"released"], [(b"accepted", 1), (b"rejected", 1)], "the others")
    reader.close()
