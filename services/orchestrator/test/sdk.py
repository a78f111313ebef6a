"""Flows of the Python client against a replica whose URL is the first argument; prints what it saw as JSON."""

import json
import sys
from datetime import datetime

from langgraph_sdk import get_sync_client

client = get_sync_client(url=sys.argv[1])
question = {"messages": [{"role": "human", "content": "hi"}]}
thread = client.threads.create(metadata={"from": "python"})
events = [
    event.event
    for event in client.runs.stream(
        thread["thread_id"], "support", input=question, stream_mode=["updates", "messages-tuple"]
    )
]
told = [
    event.data["event"]
    for event in client.runs.stream(None, "support", input=question, stream_mode=["events", "values"])
    if event.event == "events"
]
state = client.threads.get_state(thread["thread_id"])
approval = client.threads.create()
stopped = client.runs.wait(
    approval["thread_id"], "support", input={"messages": [{"role": "human", "content": "refund"}]}
)
resumed = client.runs.wait(approval["thread_id"], "support", command={"resume": {"approve": True}})
run = client.runs.create(thread["thread_id"], "support", input=question)
joined = client.runs.join(thread["thread_id"], run["run_id"])
rejoined = [event.event for event in client.runs.join_stream(thread["thread_id"], run["run_id"])]
made = client.assistants.create("support", name="Zoe")
client.assistants.update(made["assistant_id"], name="Zora")
versions = [
    [one["name"] for one in client.assistants.get_versions(made["assistant_id"])],
    client.assistants.set_latest(made["assistant_id"], 1)["name"],
    client.assistants.count(graph_id="support"),
    list(client.assistants.get_schemas("support")["state_schema"]["properties"]),
    [node["id"] for node in client.assistants.get_graph("support")["nodes"]][0],
    client.assistants.get_subgraphs("support"),
]
client.assistants.delete(made["assistant_id"])
slow = client.threads.create()
waiting = client.runs.create(slow["thread_id"], "support", input=question, after_seconds=3600)
client.runs.cancel(slow["thread_id"], waiting["run_id"], wait=True)
cancelled = [
    client.runs.get(slow["thread_id"], waiting["run_id"])["status"],
    client.threads.get(slow["thread_id"])["status"],
]
plan = {"schedule": "0 0 1 */6 *", "input": question}
cron = client.crons.create("support", **plan, end_time=datetime(2099, 1, 1))
bound = client.crons.create_for_thread(thread["thread_id"], "support", **plan)
crons = [client.crons.count(), [one["cron_id"] for one in client.crons.search(sort_by="created_at", sort_order="asc")]]
client.crons.delete(bound["cron_id"])
client.store.put_item(["users", "1"], "profile", {"name": "Ada"}, ttl=60)
client.store.put_item(["users", "2"], "profile", {"name": "Alan"})
item = client.store.get_item(["users", "1"], "profile", refresh_ttl=False)
namespaces = client.store.list_namespaces(prefix=["users"])["namespaces"]
client.store.delete_item(["users", "1"], "profile")
store = [
    item["value"],
    namespaces,
    [one["key"] for one in client.store.search_items(["users"], filter={"name": {"$ne": "Ada"}})["items"]],
    client.store.get_item(["users", "1"], "profile"),
]
print(
    json.dumps(
        {
            "first": events[0],
            "kinds": sorted(set(events)),
            "told": [told[0], told.count("on_chat_model_stream") > 2, told[-1]],
            "contents": [message["content"] for message in state["values"]["messages"]],
            "history": len(client.threads.get_history(thread["thread_id"])),
            "interrupt": stopped["__interrupt__"][0]["value"]["kind"],
            "resumed": resumed["messages"][-1]["content"],
            "joined": len(joined["messages"]),
            "rejoined": rejoined[0],
            "found": len(client.threads.search(metadata={"from": "python"})),
            "assistants": [one["name"] for one in client.assistants.search()],
            "crons": crons == [2, [cron["cron_id"], bound["cron_id"]]],
            "cron_end": cron["end_time"],
            "store": store,
            "versions": versions,
            "cancelled": cancelled,
            "status": client.runs.get(thread["thread_id"], run["run_id"])["status"],
        }
    )
)
