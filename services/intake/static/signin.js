"use strict";
document.getElementById("signin").addEventListener("submit", async (event) => {
  event.preventDefault();
  const token = document.getElementById("token").value.trim();
  const answer = await fetch("/board/session", { method: "POST", headers: { Authorization: `Bearer ${token}` } });
  if (answer.ok) {
    window.location.replace("/board");
  } else {
    document.getElementById("refused").textContent = "This token is not valid here.";
  }
});
