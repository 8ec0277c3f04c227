"""The page of `ganzoo-explore`, in three parts.

explorer.py   one picture at a time and what it was made of; knows no page
page.py       the page, made with Gradio, which nothing else imports
server.py     the address it is opened at
"""
