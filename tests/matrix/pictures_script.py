"""A page with files of the person who looks at it. Run by Streamlit, see `tests.matrix.pictures`."""

from __future__ import annotations

import hashlib

import streamlit as st
from PIL import Image

from core.running import current
from pages import entrance

actor = entrance.admit(current())
st.html(f"<p>page of {actor.user_id}</p>")
st.image(Image.new("RGB", (9, 9), f"#{hashlib.sha256(actor.user_id.encode()).hexdigest()[:6]}"))
st.download_button("Download", f"diary of {actor.user_id}".encode(), file_name="diary.txt")
st.download_button("Later", f"letter of {actor.user_id}".encode, file_name="letter.txt")
st.file_uploader("Upload")
