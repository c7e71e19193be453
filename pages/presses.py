"""Whether somebody pressed something in the fragment that is running: it is told only when the run has ended."""

from __future__ import annotations

from typing import Any

from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.scriptrunner_utils.script_requests import ScriptRequestType
from streamlit.runtime.scriptrunner_utils.script_run_context import ThreadState


def wait_here() -> bool:
    """Whether a press in the fragment that calls this waits for its run to end.

    Streamlit queues it (1.67): it would ruin what is outside of the fragment to break off. A run that takes as long as
    an answer asks this and ends by itself; its next run hears the press, and draws what is on the page anew. A prompt
    that is sent meanwhile waits for the end of the answer: now it could only be refused.
    """
    context: Any = get_script_run_ctx(suppress_warning=True)
    if context is None or context.script_requests is None:
        return False
    # Read without its lock: what comes a moment later is seen the next time. What was heard stays in `_rerun_data`.
    requests, here = context.script_requests, ThreadState.get().fragment_id
    told = requests._rerun_data
    return (
        requests._state is ScriptRequestType.RERUN
        and here in told.fragment_id_queue
        and not (told.widget_states is not None and any(map(_is_prompt, told.widget_states.widgets)))
    )


def _is_prompt(state: Any) -> bool:
    """Whether a widget's state is a message that is being sent; between messages the field has none."""
    if state.WhichOneof("value") != "chat_input_value":
        return False
    sent = state.chat_input_value
    return bool(sent.data or sent.HasField("audio_file_info") or sent.file_uploader_state.uploaded_file_info)
